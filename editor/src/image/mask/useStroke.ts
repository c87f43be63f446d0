/** The stroke that is being painted: shown while it goes on, handed over when it ends. */

import { useRef } from 'react';
import type { Point } from '../../model/types';
import { radiusOf } from './brush';
import { begunStroke, type Dab, endedStroke, goneOn, type Stroke } from './stroke';
import type { Mask } from './tiles';
import type { Tools } from './tools';

/** Points are in pixels of the picture. */
export interface Stroking {
  /** `isStraight`: on a line from where the last stroke ended. */
  readonly begin: (at: Point, pressure: number, isErasing: boolean, isStraight?: boolean) => void;
  readonly goOn: (at: Point, pressure: number) => void;
  readonly end: () => void;
  readonly drop: () => void;
  readonly isGoingOn: () => boolean;
}

export function useStroke(
  mask: Mask,
  tools: Tools,
  show: (mask: Mask | null) => void,
  onPaint: (mask: Mask) => void,
): Stroking {
  const stroke = useRef<Stroke | null>(null);
  const last = useRef<Dab | null>(null);
  const dabAt = ([x, y]: Point, pressure: number): Dab => ({
    x,
    y,
    radius: radiusOf(tools, tools.pressure ? pressure : 1),
  });
  const put = (next: Stroke | null): void => {
    stroke.current = next;
    show(next?.mask ?? null);
  };
  return {
    begin: (at, pressure, isErasing, isStraight = false) => {
      const dab = dabAt(at, pressure);
      const from = isStraight ? last.current : null;
      const { size, hardness } = tools;
      const begun = begunStroke(mask, { size, hardness }, isErasing, from ?? dab);
      put(from === null ? begun : goneOn(begun, dab));
    },
    goOn: (at, pressure) => {
      if (stroke.current !== null) put(goneOn(stroke.current, dabAt(at, pressure)));
    },
    end: () => {
      const ended = stroke.current;
      if (ended === null) return;
      last.current = ended.last;
      put(null);
      onPaint(endedStroke(ended));
    },
    drop: () => put(null),
    isGoingOn: () => stroke.current !== null,
  };
}
