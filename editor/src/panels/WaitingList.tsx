/** The runs that wait, in the order in which they will run: dragged or moved by keys into another one. */

import { ChevronsUp, GripVertical, X } from 'lucide-react';
import { type CSSProperties, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { complain } from '../app/messages';
import { type QueueItem, useQueue } from '../state/queue';
import { NameOf, useNameOf } from './NameOf';
import { useReorder } from './useReorder';
import './waiting.css';

export function WaitingList({ items }: { readonly items: readonly QueueItem[] }) {
  const { t } = useTranslation();
  const move = useQueue((state) => state.move);
  const nameOf = useNameOf();
  const [said, setSaid] = useState('');
  const focus = useRef<string | null>(null);
  const moved = (id: string, before: string | null, place: number): void => {
    const item = items.find((each) => each.id === id);
    focus.current = id;
    if (item !== undefined) {
      setSaid(t('queue.moved', { name: nameOf(item), place: place + 1, count: items.length }));
    }
    move(id, before).catch((error) => complain('queue.notMoved', error));
  };
  const ids = items.map(({ id }) => id);
  const { list, drag, shiftOf, rowProps } = useReorder(ids, moved);
  // A row that is put elsewhere in the page loses the focus.
  useLayoutEffect(() => {
    const id = focus.current;
    if (id === null || !items.some((item) => item.id === id)) return;
    const row = [...(list.current?.children ?? [])].find((each) => each.getAttribute('data-reorder') === id);
    if (row instanceof HTMLElement && !row.contains(document.activeElement)) row.focus();
    focus.current = null;
  }, [items, list]);
  return (
    <>
      <ul className="queue-list" ref={list} data-dragging={drag !== null || undefined}>
        {items.map((item, index) => (
          <Row
            key={item.id}
            item={item}
            place={index}
            count={items.length}
            isDragged={drag?.id === item.id}
            shift={shiftOf(item.id)}
            bind={rowProps(item.id)}
            onFirst={() => moved(item.id, items[0]?.id ?? null, 0)}
          />
        ))}
      </ul>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

interface RowProps {
  readonly item: QueueItem;
  readonly place: number;
  readonly count: number;
  readonly isDragged: boolean;
  readonly shift: number;
  readonly bind: ReturnType<ReturnType<typeof useReorder>['rowProps']>;
  readonly onFirst: () => void;
}

function Row({ item, place, count, isDragged, shift, bind, onFirst }: RowProps) {
  const { t } = useTranslation();
  const cancel = useQueue((state) => state.cancel);
  const name = useNameOf()(item);
  return (
    <li
      className="queue-item waiting"
      data-reorder={item.id}
      data-dragged={isDragged || undefined}
      style={shift === 0 ? undefined : ({ '--shift': `${shift}px` } as CSSProperties)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the row is what the keys move
      tabIndex={0}
      aria-label={t('queue.place', { name, place: place + 1, count })}
      aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+Home Alt+End"
      title={count > 1 ? t('queue.moveHint') : undefined}
      {...bind}
    >
      {count > 1 && (
        <span className="queue-handle" data-handle aria-hidden>
          <GripVertical size={14} />
        </span>
      )}
      <span className="queue-name">
        <NameOf item={item} />
        <span className="muted number">{place + 1}</span>
      </span>
      <span className="queue-buttons">
        {place > 0 && (
          <button
            type="button"
            className="icon-button"
            title={t('queue.first')}
            aria-label={t('queue.first')}
            onClick={onFirst}
          >
            <ChevronsUp size={16} />
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          title={t('queue.remove')}
          aria-label={t('queue.remove')}
          onClick={() => cancel(item.id).catch((error) => complain('run.notStopped', error))}
        >
          <X size={16} />
        </button>
      </span>
    </li>
  );
}
