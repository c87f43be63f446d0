/** Which tiles of a grid are selected, which one has the keyboard, and where clicks and keys lead; nothing of a page. */

export interface Marks {
  /** Keys of the selected tiles, the first to be selected first. */
  readonly selected: ReadonlySet<string>;
  /** Where a range begins. */
  readonly anchor: number;
  /** The tile that keys are about. */
  readonly focus: number;
}

export const NOTHING_MARKED: Marks = { selected: new Set(), anchor: 0, focus: 0 };

/** `range`: all from the anchor to it. `toggle`: the others stay as they are. */
export interface How {
  readonly range: boolean;
  readonly toggle: boolean;
}

/** Null for a tile that is not known yet. */
export type KeyAt = (index: number) => string | null;

export function marked(marks: Marks, index: number, how: How, keyAt: KeyAt): Marks {
  const key = keyAt(index);
  if (key === null) return { ...marks, focus: index };
  if (how.range) {
    const before = how.toggle ? marks.selected : [];
    return {
      ...marks,
      selected: new Set([...before, ...keysBetween(marks.anchor, index, keyAt)]),
      focus: index,
    };
  }
  if (!how.toggle) return { selected: new Set([key]), anchor: index, focus: index };
  const selected = new Set(marks.selected);
  if (!selected.delete(key)) selected.add(key);
  return { selected, anchor: index, focus: index };
}

function keysBetween(one: number, other: number, keyAt: KeyAt): readonly string[] {
  const keys: string[] = [];
  const step = one <= other ? 1 : -1;
  for (let index = one; index !== other + step; index += step) {
    const key = keyAt(index);
    if (key !== null) keys.push(key);
  }
  return keys;
}

/** How many tiles a row has, and how many rows are seen at once. */
export interface GridShape {
  readonly count: number;
  readonly columns: number;
  readonly rows: number;
}

/** Which tile a key leads to; null for a key that leads nowhere. */
export function stepped(key: string, from: number, { count, columns, rows }: GridShape): number | null {
  const to = (index: number): number => Math.max(0, Math.min(count - 1, index));
  /** Up and down stay in their column; below the last whole row lies the last tile. */
  const vertical = (by: number): number => {
    const index = from + by * columns;
    if (index < 0) return by === -1 ? from : from % columns;
    const isInLastRow = Math.floor(from / columns) === Math.floor((count - 1) / columns);
    return index < count || !isInLastRow ? to(index) : from;
  };
  if (count === 0) return null;
  switch (key) {
    case 'ArrowLeft':
      return to(from - 1);
    case 'ArrowRight':
      return to(from + 1);
    case 'ArrowUp':
      return vertical(-1);
    case 'ArrowDown':
      return vertical(1);
    case 'PageUp':
      return vertical(-Math.max(1, rows - 1));
    case 'PageDown':
      return vertical(Math.max(1, rows - 1));
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/** As many columns as fit, two at least, and the side of a tile in pixels. */
export function columnsIn(width: number, least: number, gap: number): { columns: number; side: number } {
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  return { columns, side: Math.max(1, Math.floor((width - gap * (columns - 1)) / columns)) };
}
