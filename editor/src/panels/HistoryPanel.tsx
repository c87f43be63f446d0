/** What has run: pictures, how long it took, why it failed, and its workflow to load again. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { Ellipsis, ImageOff, RotateCcw, Trash2, TriangleAlert } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { complain } from '../app/messages';
import { loadRun, lookAtRun, runAgain } from '../app/runFiles';
import { thumbnailOf } from '../image/pictures';
import { type QueueItem, useQueue } from '../state/queue';
import { duration } from './Clock';
import { NameOf } from './NameOf';

const ROW = 68;

export function HistoryPanel() {
  const { t } = useTranslation();
  const { history, clearHistory } = useQueue();
  return (
    <section className="history" aria-label={t('history.title')}>
      <header className="panel-section">
        <h3>{t('history.title')}</h3>
        {history.length > 0 && (
          <button
            type="button"
            className="icon-button"
            title={t('history.clear')}
            aria-label={t('history.clear')}
            onClick={() => clearHistory().catch((error) => complain('history.notRemoved', error))}
          >
            <Trash2 size={15} />
          </button>
        )}
      </header>
      {history.length === 0 ? <p className="empty small">{t('history.empty')}</p> : <Rows items={history} />}
    </section>
  );
}

function Rows({ items }: { readonly items: readonly QueueItem[] }) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 6,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    const { hasMore, loadMore } = useQueue.getState();
    if (last >= items.length - 1 && hasMore) void loadMore();
  }, [last, items.length]);
  return (
    <div className="history-rows" ref={box}>
      <ul style={{ height: rows.getTotalSize() }}>
        {shown.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <li key={row.key} style={{ transform: `translateY(${row.start}px)`, height: ROW }}>
              <Row item={item} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Row({ item }: { readonly item: QueueItem }) {
  const { t, i18n } = useTranslation();
  const taken =
    item.startedAt !== null && item.endedAt !== null ? duration(item.endedAt - item.startedAt) : '';
  const when = new Date(item.endedAt ?? item.submittedAt).toLocaleTimeString(i18n.language, {
    hour: '2-digit',
    minute: '2-digit',
  });
  return (
    <div className="history-row">
      <button
        type="button"
        className="thumbnail"
        disabled={item.preview === null}
        aria-label={t('history.look')}
        onClick={() => void lookAtRun(item.id)}
      >
        <Thumbnail item={item} />
      </button>
      <span className="history-text">
        <NameOf item={item} />
        <span className="muted number">
          {when} · {item.state === 'done' ? taken : t(`history.state.${item.state}`)}
          {item.outputs > 1 ? ` · ${t('history.files', { count: item.outputs })}` : ''}
        </span>
        {item.problem !== null && (
          <span className="history-problem ellipsis" title={item.problem}>
            {item.problem}
          </span>
        )}
      </span>
      {canRetry(item) && (
        <button
          type="button"
          className="icon-button"
          title={t('history.retry')}
          aria-label={t('history.retry')}
          onClick={() => void runAgain(item.id)}
        >
          <RotateCcw size={15} />
        </button>
      )}
      <RowMenu item={item} />
    </div>
  );
}

/** What ended well is run again from the menu; the rest has a button for that. */
function canRetry({ state }: QueueItem): boolean {
  return state === 'failed' || state === 'interrupted';
}

function Thumbnail({ item }: { readonly item: QueueItem }) {
  if (item.preview !== null)
    return <img src={thumbnailOf(item.preview)} alt="" loading="lazy" draggable={false} />;
  return item.state === 'failed' ? <TriangleAlert size={18} className="bad" /> : <ImageOff size={18} />;
}

function RowMenu({ item }: { readonly item: QueueItem }) {
  const { t } = useTranslation();
  const remove = useQueue((state) => state.removeFromHistory);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="icon-button" aria-label={t('panels.more')}>
        <Ellipsis size={16} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popup" align="end">
          <DropdownMenu.Item className="menu-item" onSelect={() => void runAgain(item.id)}>
            <span>{t(canRetry(item) ? 'history.retry' : 'history.again')}</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={() => void loadRun(item.id, item.name ?? '')}>
            <span>{t('history.load')}</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={item.outputs === 0}
            onSelect={() => void lookAtRun(item.id)}
          >
            <span>{t('history.look')}</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => remove(item.id).catch((error) => complain('history.notRemoved', error))}
          >
            <span>{t('history.remove')}</span>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
