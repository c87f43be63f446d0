/** How a node fares in the run that is shown: the strip on its upper edge, the ring around it, the mark in its header. */

import { Check, LoaderCircle, Zap } from 'lucide-react';
import { type CSSProperties, memo, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NodeId } from '../model/types';
import { type NodeRun, useNodeErrors, useNodeRun } from '../state/runs';
import { secondsIn } from './seconds';

interface OfNode {
  readonly id: NodeId;
}

function partOf(run: NodeRun): number {
  return run.max > 0 ? Math.min(1, Math.max(0, run.value / run.max)) : 0;
}

export const ProgressStrip = memo(function ProgressStrip({ id }: OfNode) {
  const { t } = useTranslation();
  const run = useNodeRun(id);
  if (run?.state !== 'running') return null;
  const part = partOf(run);
  const isKnown = run.max > 1;
  return (
    <div
      className="node-progress"
      role="progressbar"
      aria-label={t('canvas.progress')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={isKnown ? Math.round(part * 100) : undefined}
      data-known={isKnown || undefined}
      style={{ '--part': part } as CSSProperties}
    >
      <span className="node-progress-bar" />
    </div>
  );
});

export const RunRing = memo(function RunRing({ id }: OfNode) {
  const state = useNodeRun(id)?.state;
  const hasErrors = useNodeErrors(id).length > 0;
  const look = hasErrors || state === 'failed' ? 'failed' : state === 'running' ? 'running' : null;
  return look === null ? null : <span className="node-ring" data-state={look} aria-hidden />;
});

export const RunMark = memo(function RunMark({ id }: OfNode) {
  const { t, i18n } = useTranslation();
  const run = useNodeRun(id);
  switch (run?.state) {
    case 'running':
      return (
        <span className="node-mark node-mark-running">
          {run.max > 1 ? (
            `${run.value}/${run.max}`
          ) : (
            <LoaderCircle className="turning" size={13} aria-label={t('canvas.running')} />
          )}
          <Elapsed since={run.since} />
        </span>
      );
    case 'cached':
      return (
        <span className="node-mark" title={t('canvas.cached')}>
          <Zap size={12} role="img" aria-label={t('canvas.cached')} />
        </span>
      );
    case 'done':
      return (
        <span className="node-mark node-mark-done" title={t('canvas.done')}>
          {run.seconds !== null && run.seconds >= SHOWN_SECONDS && secondsIn(i18n.language, run.seconds)}
          <Check size={12} role="img" aria-label={t('canvas.done')} />
        </span>
      );
    case 'failed':
      return run.seconds === null || run.seconds < SHOWN_SECONDS ? null : (
        <span className="node-mark">{secondsIn(i18n.language, run.seconds)}</span>
      );
    default:
      return null;
  }
});

/** How long a node has been at work, in whole seconds; nothing for what is done at once. */
function Elapsed({ since }: { readonly since: number | null }) {
  const { i18n } = useTranslation();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MILLISECONDS);
    return () => clearInterval(timer);
  }, []);
  const seconds = since === null ? 0 : Math.floor((now - since) / 1000);
  return seconds < 1 ? null : (
    <span className="node-elapsed" aria-hidden>
      {secondsIn(i18n.language, seconds)}
    </span>
  );
}

const TICK_MILLISECONDS = 500;

/** What takes less is not worth reading. */
const SHOWN_SECONDS = 0.1;
