/** What is said of a node that the server does not know: which pack might bring it, and what to do about that. */

import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { type Suspicion, suspects } from '../model/missingNode';
import type { JsonObject } from '../model/types';
import { usePacks } from '../state/packs';
import './unknownNode.css';

/** More of them say nothing. */
const MOST = 5;
const NONE: JsonObject = {};

interface UnknownNodeProps {
  readonly type: string;
  readonly properties?: JsonObject | undefined;
}

export function UnknownNode({ type, properties = NONE }: UnknownNodeProps) {
  const { t } = useTranslation();
  const packs = usePacks((state) => state.packs);
  const showSettings = useInterface((state) => state.showSettings);
  const found = suspects(type, properties, packs);
  return (
    <div className="unknown-node">
      <p className="muted">{t('widgets.unknownType', { type })}</p>
      {found.slice(0, MOST).map((each) => (
        <Suspect key={`${each.pack} ${each.problem}`} suspicion={each} />
      ))}
      {found.length > 0 && (
        <button type="button" className="button" onClick={() => showSettings('packs')}>
          {t('packs.show')}
        </button>
      )}
    </div>
  );
}

function Suspect({ suspicion }: { readonly suspicion: Suspicion }) {
  const { t } = useTranslation();
  const { how, pack, problem, remedy } = suspicion;
  return (
    <div className="unknown-node-pack">
      <p>{t(`packs.brings.${how}`, { pack })}</p>
      {problem !== '' && <p className="unknown-node-problem">{problem}</p>}
      {remedy !== '' && <p className="muted">{remedy}</p>}
    </div>
  );
}
