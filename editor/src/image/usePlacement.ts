/** Zooms by wheel and pinch, pans by dragging, for a picture in a frame. */

import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { FITTED, moved, type Placement, zoomed } from './zoom';

export interface Gestures {
  readonly place: Placement;
  readonly setPlace: (change: (place: Placement) => Placement) => void;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
}

type At = readonly [x: number, y: number];

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Starts anew for each `key`. `partAt`: the part of the frame around whose middle a picture lies at a place. */
export function usePlacement(
  frame: RefObject<HTMLElement | null>,
  key: string,
  partAt: (box: Box, x: number) => Box = whole,
): Gestures {
  const [state, setState] = useState({ key, place: FITTED });
  const place = state.key === key ? state.place : FITTED;
  const pointers = useRef(new Map<number, At>());
  const setPlace = (change: (place: Placement) => Placement): void =>
    setState((before) => ({ key, place: change(before.key === key ? before.place : FITTED) }));

  const fromMiddle = (x: number, y: number): At => {
    const element = frame.current;
    if (element === null) return [0, 0];
    const box = partAt(element.getBoundingClientRect(), x);
    return [x - box.left - box.width / 2, y - box.top - box.height / 2];
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const [x, y] = fromMiddle(event.clientX, event.clientY);
    setPlace((before) => zoomed(before, 2 ** (-event.deltaY / (event.ctrlKey ? 80 : 400)), x, y));
  };
  const latest = useRef(wheel);
  latest.current = wheel;
  useEffect(() => {
    // React listens passively, so that the page could not be kept from scrolling; and the frame may come later.
    const listen = (event: WheelEvent): void => {
      if (event.target instanceof Node && frame.current?.contains(event.target)) latest.current(event);
    };
    document.addEventListener('wheel', listen, { passive: false });
    return () => document.removeEventListener('wheel', listen);
  }, [frame]);

  return {
    place,
    setPlace,
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      pointers.current.set(event.pointerId, [event.clientX, event.clientY]);
    },
    onPointerMove: (event) => {
      const before = pointers.current.get(event.pointerId);
      if (before === undefined) return;
      const now: At = [event.clientX, event.clientY];
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
      pointers.current.set(event.pointerId, now);
      if (other === undefined) setPlace((at) => moved(at, now[0] - before[0], now[1] - before[1]));
      else {
        const [x, y] = fromMiddle((now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
        setPlace((at) => zoomed(at, distance(now, other) / Math.max(1, distance(before, other)), x, y));
      }
    },
    onPointerUp: (event) => void pointers.current.delete(event.pointerId),
  };
}

function whole(box: Box): Box {
  return box;
}

function distance(one: At, other: At): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}
