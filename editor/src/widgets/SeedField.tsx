/** A seed: a number with a die for a new one and a way back to the one that the last run used. */

import { Dices, History } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { controlOf } from '../model/definition';
import { activeDocument, useDocuments } from '../state/documents';
import { useRuns } from '../state/runs';
import { changeValues } from './change';
import { NumberField } from './NumberField';
import { randomSeed, valueInRun } from './seeds';
import type { ControlProps } from './types';

export function SeedField(props: ControlProps) {
  const { widget, onChange, linked, labelId } = props;
  const { t } = useTranslation();
  return (
    <span className="widget-seed">
      <NumberField {...props} />
      <button
        type="button"
        className="nodrag widget-button"
        disabled={linked}
        title={t('widgets.dice')}
        aria-label={t('widgets.dice')}
        aria-describedby={labelId}
        onClick={() => onChange(randomSeed(widget))}
      >
        <Dices size={14} aria-hidden />
      </button>
      <LastSeed {...props} />
    </span>
  );
}

/** Takes the seed of the run that is shown and keeps it for the next ones. */
function LastSeed({ node, widget, linked, labelId }: ControlProps) {
  const { t } = useTranslation();
  const document = useDocuments((state) => state.active);
  const run = useRuns((state) => state.shown.get(document) ?? null);
  const [isAsking, setAsking] = useState(false);

  const take = async (id: string): Promise<void> => {
    setAsking(true);
    try {
      const seed = await valueInRun(id, activeDocument().path, node.id, widget.name);
      if (seed === null) return;
      const values = new Map([
        [widget.name, seed],
        [controlOf(widget.name), 'fixed'],
      ]);
      changeValues(node.id, values, 'step.lastSeed');
    } catch {
      // The server has forgotten the run or cannot be reached, which the page shows elsewhere: the seed stays.
    } finally {
      setAsking(false);
    }
  };
  return (
    <button
      type="button"
      className="nodrag widget-button"
      disabled={linked || run === null || isAsking}
      title={t('widgets.lastSeed')}
      aria-label={t('widgets.lastSeed')}
      aria-describedby={labelId}
      onClick={() => run !== null && void take(run)}
    >
      <History size={14} aria-hidden />
    </button>
  );
}
