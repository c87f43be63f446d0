/** What runs and what waits, each with a way to stop it or to put it elsewhere; below it what has run. */

import { ListX, Square } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { complain } from '../app/messages';
import { type QueueItem, useQueue } from '../state/queue';
import { useRuns } from '../state/runs';
import { Clock } from './Clock';
import { HistoryPanel } from './HistoryPanel';
import { NameOf } from './NameOf';
import { WaitingList } from './WaitingList';
import './queue.css';

export function QueuePanel() {
  const { t } = useTranslation();
  const { running, pending, refresh, clearPending } = useQueue();
  useEffect(() => void refresh(), [refresh]);
  const waits = running.length + pending.length;
  return (
    <div className="queue">
      <section aria-label={t('queue.title')}>
        <header className="panel-section">
          <h3>
            {t('queue.title')} <span className="muted">{waits > 0 ? waits : ''}</span>
          </h3>
          {pending.length > 0 && (
            <button
              type="button"
              className="icon-button"
              title={t('queue.clear')}
              aria-label={t('queue.clear')}
              onClick={() => clearPending().catch((error) => complain('queue.notCleared', error))}
            >
              <ListX size={16} />
            </button>
          )}
        </header>
        {waits === 0 && <p className="empty small">{t('queue.empty')}</p>}
        {running.length > 0 && (
          <ul className="queue-running">
            {running.map((item) => (
              <Running key={item.id} item={item} />
            ))}
          </ul>
        )}
        {pending.length > 0 && <WaitingList items={pending} />}
      </section>
      <HistoryPanel />
    </div>
  );
}

function Running({ item }: { readonly item: QueueItem }) {
  const { t } = useTranslation();
  const progress = useRuns((state) => state.runs.get(item.id)?.progress ?? null);
  const cancel = useQueue((state) => state.cancel);
  const percent = progress === null ? null : Math.round(progress * 100);
  return (
    <li className="queue-item running">
      <span className="queue-name">
        <NameOf item={item} />
        <span className="muted number">
          {percent === null ? '' : `${percent}% · `}
          <Clock from={item.startedAt} />
        </span>
      </span>
      <progress
        aria-label={t('queue.progress')}
        max={100}
        {...(percent === null ? {} : { value: percent })}
      />
      <button
        type="button"
        className="icon-button"
        title={t('queue.stop')}
        aria-label={t('queue.stop')}
        onClick={() => cancel(item.id).catch((error) => complain('run.notStopped', error))}
      >
        <Square size={14} fill="currentColor" />
      </button>
    </li>
  );
}
