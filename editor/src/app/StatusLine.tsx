/** How far the run is, whether the server can be heard, what is wrong: only shown where there is something to say. */

import { Check, ChevronRight, CircleAlert, PackageX, PlugZap } from 'lucide-react';
import { Popover } from 'radix-ui';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Clock, duration } from '../panels/Clock';
import { useConnection } from '../state/connection';
import { needsCare, usePacks } from '../state/packs';
import { type Run, useProblems, useShownRun } from '../state/runs';
import { isOpen } from '../state/runTypes';
import { useInterface } from './interface';
import { nextProblem } from './problems';

const RunTimesList = lazy(() =>
  import('../panels/RunTimesList').then((module) => ({ default: module.RunTimesList })),
);

export function StatusLine() {
  const run = useShownRun();
  return (
    <div className="status-line">
      <Connection />
      <Packs />
      <Problems />
      {run !== null && (isOpen(run) ? <Progress run={run} /> : <Took run={run} />)}
    </div>
  );
}

function Progress({ run }: { readonly run: Run }) {
  const { t } = useTranslation();
  const percent = Math.round(run.progress * 100);
  return (
    <div className="progress">
      <span className="number progress-text">
        {run.state === 'queued' ? t('run.state.queued') : `${percent}%`} <Clock from={run.startedAt} />
      </span>
      <progress max={100} value={percent} aria-label={t('queue.progress')} />
    </div>
  );
}

/** How long the last run took; of what, tells the list that it opens. */
function Took({ run }: { readonly run: Run }) {
  const { t } = useTranslation();
  if (run.startedAt === null || run.endedAt === null) return null;
  const time = duration(run.endedAt - run.startedAt);
  const label = t('run.took', { state: t(`run.state.${run.state}`), time });
  return (
    <Popover.Root>
      <Popover.Trigger className="button took" title={label} aria-label={label} data-state-of-run={run.state}>
        {run.state === 'done' && <Check size={14} color="var(--success)" aria-hidden />}
        <span className="number">{time}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popup" align="end" sideOffset={4}>
          <Suspense>
            <RunTimesList run={run} />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What packs are being loaded, and how many need care; nothing where all is well. */
function Packs() {
  const { t } = useTranslation();
  const { packs, loading } = usePacks();
  const showSettings = useInterface((state) => state.showSettings);
  const count = packs.filter(needsCare).length;
  if (loading === null && count === 0) return null;
  const label = loading === null ? t('packs.needCare', { count }) : t('packs.loading', { ...loading });
  return (
    <button
      type="button"
      className="button packs-badge"
      title={label}
      aria-label={label}
      onClick={() => showSettings('packs')}
    >
      <PackageX size={15} color="var(--warning)" aria-hidden />
      <span className="number">{loading === null ? count : t('packs.loadingShort')}</span>
    </button>
  );
}

function Problems() {
  const { t } = useTranslation();
  const problems = useProblems();
  const showRight = useInterface((state) => state.showRight);
  if (problems.length === 0) return null;
  const label = t('errors.count', { count: problems.length });
  return (
    <span className="problems">
      <button
        type="button"
        className="button danger"
        title={label}
        aria-label={label}
        onClick={() => showRight('errors')}
      >
        <CircleAlert size={15} />
        <span className="number">{problems.length}</span>
      </button>
      <button
        type="button"
        className="button danger"
        title={`${t('errors.next')} (F)`}
        aria-label={t('errors.next')}
        onClick={() => nextProblem()}
      >
        <ChevronRight size={15} />
      </button>
    </span>
  );
}

function Connection() {
  const { t } = useTranslation();
  const { status, retry } = useConnection();
  if (status === 'connected') return null;
  const sentence = t(status === 'lost' ? 'connection.lost' : 'connection.connecting');
  return (
    <button
      type="button"
      className={`button connection ${status}`}
      title={t('connection.retry')}
      onClick={retry}
      disabled={status === 'connecting'}
    >
      <PlugZap size={15} />
      <span className="wide-only">{sentence}</span>
      <span className="narrow-only visually-hidden">{sentence}</span>
    </button>
  );
}
