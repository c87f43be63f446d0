/** What runs and what waits, each with a way to stop it; below it what has run. */

import { ListX, Square, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { type QueueItem, useQueue } from '../state/queue';
import { useRuns } from '../state/runs';
import { Clock } from './Clock';
import { HistoryPanel } from './HistoryPanel';
import { NameOf } from './NameOf';
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
              onClick={() => void clearPending()}
            >
              <ListX size={16} />
            </button>
          )}
        </header>
        {waits === 0 && <p className="empty small">{t('queue.empty')}</p>}
        <ul className="queue-list">
          {running.map((item) => (
            <Running key={item.id} item={item} />
          ))}
          {pending.map((item, index) => (
            <Pending key={item.id} item={item} place={index + 1} />
          ))}
        </ul>
      </section>
      <HistoryPanel />
    </div>
  );
}

function Running({ item }: { readonly item: QueueItem }) {
  const { t } = useTranslation();
  const progress = useRuns((state) => state.runs.get(item.id)?.progress ?? null);
  const percent = progress === null ? null : Math.round(progress * 100);
  return (
    <li className="queue-item running">
      <span className="queue-name">
        <NameOf item={item} />
        <Clock from={item.startedAt} />
      </span>
      <progress
        aria-label={t('queue.progress')}
        max={100}
        {...(percent === null ? {} : { value: percent })}
      />
      <Stop item={item} />
    </li>
  );
}

function Pending({ item, place }: { readonly item: QueueItem; readonly place: number }) {
  return (
    <li className="queue-item">
      <span className="queue-name">
        <NameOf item={item} />
        <span className="muted">{place}</span>
      </span>
      <Stop item={item} />
    </li>
  );
}

function Stop({ item }: { readonly item: QueueItem }) {
  const { t } = useTranslation();
  const cancel = useQueue((state) => state.cancel);
  const label = t(item.state === 'running' ? 'queue.stop' : 'queue.remove');
  return (
    <button
      type="button"
      className="icon-button"
      title={label}
      aria-label={label}
      onClick={() => void cancel(item.id)}
    >
      {item.state === 'running' ? <Square size={14} fill="currentColor" /> : <X size={16} />}
    </button>
  );
}
