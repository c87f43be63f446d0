/** Which entries of a list are shown, which one is marked, and how keys move the mark. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useMemo, useRef, useState } from 'react';
import type { Json } from '../model/types';
import { type Choice, found } from './choices';
import { isComposing } from './draft';

export const ROW = 28;
const MOST_PLAIN = 100;
const PAGE = 8;

interface RowListOptions {
  readonly choices: readonly Choice[];
  readonly isChosen: (choice: Choice) => boolean;
  readonly initialSearch: string;
  readonly onPick: (choice: Json) => void;
  readonly onClose: () => void;
}

export interface RowList {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly search: string;
  readonly rows: readonly Choice[];
  readonly marked: number;
  readonly isVirtual: boolean;
  /** Of all rows, whether they are made or not. */
  readonly height: number;
  /** The rows that are made. */
  readonly indices: readonly number[];
  readonly look: (search: string) => void;
  readonly press: (event: KeyboardEvent) => void;
}

export function useRowList({ choices, isChosen, initialSearch, onPick, onClose }: RowListOptions): RowList {
  const [search, setSearch] = useState(initialSearch);
  const rows = useMemo(() => found(choices, search), [choices, search]);
  const [marked, setMarked] = useState(() => Math.max(0, rows.findIndex(isChosen)));
  const scroller = useRef<HTMLDivElement>(null);
  const isVirtual = rows.length > MOST_PLAIN;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    enabled: isVirtual,
    initialOffset: Math.max(0, marked - 3) * ROW,
    initialRect: { width: 240, height: 10 * ROW },
  });

  const mark = (index: number): void => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setMarked(next);
    if (isVirtual) virtual.scrollToIndex(next);
    else scroller.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: 'nearest' });
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = moved(event.key, marked, rows.length);
    const row = rows[marked];
    if (next !== null) mark(next);
    else if (event.key === 'Enter' && row !== undefined) onPick(row.value);
    else if (event.key === 'Tab') onClose();
    else return;
    event.preventDefault();
  };
  const look = (text: string): void => {
    setSearch(text);
    setMarked(0);
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  };
  const indices = isVirtual ? virtual.getVirtualItems().map((item) => item.index) : [...rows.keys()];
  return { scroller, search, rows, marked, isVirtual, height: virtual.getTotalSize(), indices, look, press };
}

/** Which row a key leads to; null for any other key. */
function moved(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return at + 1 >= count ? 0 : at + 1;
    case 'ArrowUp':
      return at === 0 ? count - 1 : at - 1;
    case 'PageDown':
      return at + PAGE;
    case 'PageUp':
      return at - PAGE;
    default:
      return null;
  }
}
