/** Lets the rows of a list be put into another order: by pointer, by touch at their handles, and by keys. */

import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** What of a list of these ids is dragged, and where it would fall. */
interface Drag {
  readonly id: string;
  readonly ids: readonly string[];
  readonly from: number;
  readonly to: number;
  /** Pixels by which it is away from its place. */
  readonly by: number;
}

interface Grip {
  readonly pointer: number;
  readonly id: string;
  readonly ids: readonly string[];
  readonly from: number;
  readonly y: number;
  readonly scroll: number;
  /** The middle of each row when the drag began. */
  readonly middles: readonly number[];
  readonly heights: readonly number[];
}

interface Reorder {
  readonly list: RefObject<HTMLUListElement | null>;
  readonly drag: Drag | null;
  /** How far a row is moved aside while another one is dragged, in pixels. */
  readonly shiftOf: (id: string) => number;
  readonly rowProps: (id: string) => {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** Pixels before a press becomes a drag. */
const SLACK = 4;
/** This near to an edge the list scrolls. */
const EDGE = 24;
const SCROLL = 8;

const ROW = '[data-reorder]';

/** The id before which something at place `from` has to go to stand at place `to`; null for the end. */
export function beforeAt(ids: readonly string[], from: number, to: number): string | null {
  return ids.filter((_, index) => index !== from)[to] ?? null;
}

/** `onMove` is asked to put a row before another one, or last. */
export function useReorder(
  ids: readonly string[],
  onMove: (id: string, before: string | null, place: number) => void,
): Reorder {
  const list = useRef<HTMLUListElement>(null);
  const grip = useRef<Grip | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const current = useRef<Drag | null>(null);
  const latest = useRef({ ids, onMove });
  latest.current = { ids, onMove };

  useEffect(() => {
    const show = (now: Drag | null): void => {
      current.current = now;
      setDrag(now);
    };
    const end = (isDrop: boolean): void => {
      const now = current.current;
      grip.current = null;
      show(null);
      if (now !== null && isDrop && now.to !== now.from) drop(now, latest.current);
    };
    const move = (event: globalThis.PointerEvent): void => {
      const held = grip.current;
      if (held === null || event.pointerId !== held.pointer) return;
      scrollNear(list.current, event.clientY);
      const by = event.clientY - held.y + (list.current?.scrollTop ?? 0) - held.scroll;
      if (current.current !== null || Math.abs(by) >= SLACK) show(dragged(held, by));
    };
    const up = (event: globalThis.PointerEvent): void => {
      if (event.pointerId === grip.current?.pointer) end(event.type === 'pointerup');
    };
    const key = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'Escape' || grip.current === null) return;
      event.stopPropagation();
      end(false);
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', up);
    window.addEventListener('keydown', key, true);
    return () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', up);
      window.removeEventListener('keydown', key, true);
    };
  }, []);

  return {
    list,
    drag,
    shiftOf: (id) => shiftOf(drag, grip.current, id),
    rowProps: (id) => ({
      onPointerDown: (event) => {
        grip.current = gripped(event, id, latest.current.ids, list.current) ?? grip.current;
      },
      onKeyDown: (event) => {
        const place = placeByKey(event, latest.current.ids.indexOf(id), latest.current.ids.length);
        if (place === null) return;
        event.preventDefault();
        event.stopPropagation();
        const { ids: now, onMove: moved } = latest.current;
        const from = now.indexOf(id);
        if (place !== from) moved(id, beforeAt(now, from, place), place);
      },
    }),
  };
}

/** Alt with an arrow goes one place on, Alt+Home and Alt+End all the way. */
export function placeByKey(
  { altKey, key }: Pick<KeyboardEvent, 'altKey' | 'key'>,
  from: number,
  count: number,
): number | null {
  if (!altKey || from < 0) return null;
  const places: Readonly<Record<string, number>> = {
    ArrowUp: Math.max(0, from - 1),
    ArrowDown: Math.min(count - 1, from + 1),
    Home: 0,
    End: count - 1,
  };
  return places[key] ?? null;
}

/** Buttons of a row are for themselves; a finger drags by the handle, since elsewhere it scrolls. */
function gripped(
  event: PointerEvent,
  id: string,
  ids: readonly string[],
  list: HTMLUListElement | null,
): Grip | null {
  const target = event.target instanceof Element ? event.target : null;
  const isHandle = (target?.closest('[data-handle]') ?? null) !== null;
  if (event.button !== 0 || list === null || ids.length < 2) return null;
  if (!isHandle && (event.pointerType !== 'mouse' || (target?.closest('button') ?? null) !== null))
    return null;
  const boxes = [...list.querySelectorAll(ROW)].map((row) => row.getBoundingClientRect());
  return {
    pointer: event.pointerId,
    id,
    ids,
    from: ids.indexOf(id),
    y: event.clientY,
    scroll: list.scrollTop,
    middles: boxes.map(({ top, height }) => top + height / 2),
    heights: boxes.map(({ height }) => height),
  };
}

function dragged(held: Grip, by: number): Drag {
  const middle = (held.middles[held.from] ?? 0) + by;
  const others = held.middles.filter((_, index) => index !== held.from);
  const to = others.filter((other, index) => middle > other + (index < held.from ? 0 : -1)).length;
  return { id: held.id, ids: held.ids, from: held.from, to, by };
}

function shiftOf(drag: Drag | null, held: Grip | null, id: string): number {
  if (drag === null) return 0;
  if (id === drag.id) return drag.by;
  const at = drag.ids.indexOf(id);
  const height = held?.heights[drag.from] ?? 0;
  if (at > drag.from && at <= drag.to) return -height;
  return at < drag.from && at >= drag.to ? height : 0;
}

/** What was before it when the drag began may have begun to run meanwhile: then the next one that still waits counts. */
function drop(
  { id, ids, from, to }: Drag,
  {
    ids: now,
    onMove,
  }: {
    readonly ids: readonly string[];
    readonly onMove: (id: string, before: string | null, place: number) => void;
  },
): void {
  if (!now.includes(id)) return;
  const after = ids.filter((_, index) => index !== from).slice(to);
  const before = after.find((other) => now.includes(other)) ?? null;
  onMove(id, before, to);
}

function scrollNear(list: HTMLUListElement | null, y: number): void {
  if (list === null) return;
  const { top, bottom } = list.getBoundingClientRect();
  if (y < top + EDGE) list.scrollTop -= SCROLL;
  else if (y > bottom - EDGE) list.scrollTop += SCROLL;
}
