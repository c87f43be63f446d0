/** What mouse, pen and fingers do on the picture: one paints, two (or the middle button, or Space) move and zoom. */

import { type PointerEvent, useRef } from 'react';
import type { Point } from '../../model/types';
import type { Tool } from './tools';
import type { ViewControls } from './useView';

/** A touch of the picture, in pixels of the frame. */
export interface Touch {
  readonly at: Point;
  readonly pressure: number;
}

export interface Painting {
  readonly begin: (touch: Touch, isErasing: boolean, isStraight: boolean) => void;
  readonly goOn: (touch: Touch) => void;
  readonly end: () => void;
  /** Nothing of the stroke stays. */
  readonly drop: () => void;
  /** Where the brush is, null where there is none. */
  readonly hover: (at: Point | null) => void;
}

interface Handlers {
  readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerLeave: () => void;
}

type Doing = 'nothing' | 'painting' | 'moving' | 'pinching';

const MIDDLE = 1;
const RIGHT = 2;
/** The other end of a pen. */
const ERASER = 5;

export function usePointers(
  { zoom, move }: ViewControls,
  painting: Painting,
  tool: Tool,
  isSpaceHeld: () => boolean,
): Handlers {
  const pointers = useRef(new Map<number, Point>());
  const doing = useRef<Doing>('nothing');
  /** Where a pen is used, a hand that rests on the picture does not paint. */
  const hasPen = useRef(false);

  const down = (event: PointerEvent<HTMLElement>): void => {
    if (event.pointerType === 'pen') hasPen.current = true;
    const at = pointOf(event, event.currentTarget);
    pointers.current.set(event.pointerId, at);
    event.currentTarget.setPointerCapture(event.pointerId);
    if (pointers.current.size > 1) {
      if (doing.current === 'painting') painting.drop();
      doing.current = 'pinching';
      painting.hover(null);
      return;
    }
    const isPalm = event.pointerType === 'touch' && hasPen.current;
    if (event.button === MIDDLE || tool === 'hand' || isPalm || isSpaceHeld()) {
      doing.current = 'moving';
      return;
    }
    doing.current = 'painting';
    painting.hover(at);
    const isErasing = tool === 'eraser' || event.button === RIGHT || event.button === ERASER;
    painting.begin(touchOf(event, at), isErasing, event.shiftKey);
  };

  const follow = (event: PointerEvent<HTMLElement>): void => {
    const before = pointers.current.get(event.pointerId);
    const at = pointOf(event, event.currentTarget);
    if (event.pointerType !== 'touch' || doing.current === 'painting') painting.hover(at);
    if (before === undefined) return;
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, at);
    if (doing.current === 'painting') {
      for (const each of stepsOf(event)) painting.goOn(touchOf(each, pointOf(each, event.currentTarget)));
    } else if (doing.current === 'moving') move([at[0] - before[0], at[1] - before[1]]);
    else if (other !== undefined) pinch(before, at, other);
  };

  const pinch = (before: Point, at: Point, other: Point): void => {
    const middle = (one: Point): Point => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const distance = (one: Point): number => Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
    const [from, to] = [middle(before), middle(at)];
    move([to[0] - from[0], to[1] - from[1]]);
    zoom(distance(at) / distance(before), to);
  };

  const up = (event: PointerEvent<HTMLElement>): void => {
    if (!pointers.current.delete(event.pointerId)) return;
    if (doing.current === 'painting') painting.end();
    // The finger that is left does not begin to paint.
    doing.current = pointers.current.size > 0 ? 'pinching' : 'nothing';
    if (event.pointerType === 'touch') painting.hover(null);
  };
  return {
    onPointerDown: down,
    onPointerMove: follow,
    onPointerUp: up,
    onPointerCancel: up,
    onPointerLeave: () => pointers.current.size === 0 && painting.hover(null),
  };
}

function pointOf(event: { readonly clientX: number; readonly clientY: number }, element: HTMLElement): Point {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** Every point the pointer passed since the last event, where the browser tells. */
function stepsOf({ nativeEvent }: PointerEvent): readonly globalThis.PointerEvent[] {
  const steps = nativeEvent.getCoalescedEvents?.() ?? [];
  return steps.length > 0 ? steps : [nativeEvent];
}

function touchOf(event: { readonly pointerType: string; readonly pressure: number }, at: Point): Touch {
  return { at, pressure: event.pointerType === 'pen' ? event.pressure : 1 };
}
