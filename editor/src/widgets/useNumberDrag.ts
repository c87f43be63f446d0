/** Changes a number while the pointer is dragged sideways over its field; a press without a drag lets it be typed. */

import { type PointerEvent, useRef } from 'react';
import type { Json } from '../model/types';
import { pixelsPerStep } from './numbers';
import type { ControlProps } from './types';

/** As far as a hand may tremble in a click. */
const SLACK = 4;

interface Drag {
  readonly pointer: number;
  readonly x: number;
  readonly value: Json;
  moved: boolean;
  steps: number;
}

interface Handlers {
  readonly onPointerDown: (event: PointerEvent<HTMLInputElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLInputElement>) => void;
  readonly onPointerUp: (event: PointerEvent<HTMLInputElement>) => void;
  readonly onPointerCancel: (event: PointerEvent<HTMLInputElement>) => void;
  readonly onLostPointerCapture: () => void;
}

/** `change` gets the value the drag began with and how many steps from it the pointer is. */
export function useNumberDrag(
  { widget, value, linked }: ControlProps,
  change: (from: Json, steps: number) => void,
): Handlers {
  const drag = useRef<Drag | null>(null);
  const end = (): void => {
    drag.current = null;
  };
  return {
    onPointerDown: (event) => {
      const isEditing = document.activeElement === event.currentTarget;
      if (linked || isEditing || event.button !== 0) return;
      // Without the focus that a press brings, so that a drag opens no on-screen keyboard and selects no text.
      event.preventDefault();
      drag.current = { pointer: event.pointerId, x: event.clientX, value, moved: false, steps: 0 };
      event.currentTarget.setPointerCapture?.(event.pointerId);
    },
    onPointerMove: (event) => {
      const now = drag.current;
      if (now === null || now.pointer !== event.pointerId) return;
      const way = event.clientX - now.x;
      if (!now.moved && Math.abs(way) < SLACK) return;
      now.moved = true;
      const steps = Math.trunc((way / pixelsPerStep(widget)) * (event.shiftKey ? 10 : 1));
      if (steps === now.steps) return;
      now.steps = steps;
      change(now.value, steps);
    },
    onPointerUp: (event) => {
      const now = drag.current;
      if (now === null || now.pointer !== event.pointerId) return;
      end();
      if (now.moved) return;
      event.currentTarget.focus({ preventScroll: true });
      event.currentTarget.select();
    },
    onPointerCancel: end,
    onLostPointerCapture: end,
  };
}
