/** How long each node of the last run took, as a list that leads to them. */

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { goTo } from '../app/problems';
import { secondsIn } from '../canvas/seconds';
import { useDefinitions } from '../state/definitions';
import { useActiveDocument } from '../state/documents';
import type { Run } from '../state/runs';
import { duration } from './Clock';
import { type NodeTime, timesOf } from './runTimes';
import './runTimes.css';

export function RunTimesList({ run }: { readonly run: Run }) {
  const { t } = useTranslation();
  const { graph } = useActiveDocument();
  const definitions = useDefinitions((state) => state.definitions);
  const times = useMemo(() => timesOf(run, graph, definitions), [run, graph, definitions]);
  return (
    <section className="run-times" aria-label={t('run.times')}>
      <h3>
        {t('run.times')}
        <span className="muted number">
          {t('run.times.total')} {duration(times.milliseconds)}
        </span>
      </h3>
      {times.nodes.length === 0 && <p className="muted">{t('run.times.none')}</p>}
      <ul>
        {times.nodes.map((each) => (
          <Row key={each.id} time={each} />
        ))}
      </ul>
      {times.cached > 0 && times.nodes.length > 0 && (
        <p className="muted">{t('run.times.known', { count: times.cached })}</p>
      )}
    </section>
  );
}

function Row({ time: { title, origin, seconds, part } }: { readonly time: NodeTime }) {
  const { i18n } = useTranslation();
  return (
    <li>
      <button
        type="button"
        className="run-time"
        disabled={origin === null}
        onClick={() => origin && goTo(origin.path, origin.node)}
      >
        <span className="ellipsis">{title}</span>
        <span className="number">{secondsIn(i18n.language, seconds)}</span>
        <progress max={1} value={part} aria-hidden />
      </button>
    </li>
  );
}
