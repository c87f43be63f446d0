/** The keyboard on the picture: arrows move a brush of their own, Space paints with it, or moves the picture with the mouse. */

import { type KeyboardEvent, useRef, useState } from 'react';
import type { Point } from '../../model/types';
import type { Tools } from './tools';
import type { Stroking } from './useStroke';
import type { ViewControls } from './useView';
import { inPicture } from './view';

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface StageKeys {
  /** Where the keyboard's brush is, in pixels of the picture; null while the mouse is used. */
  readonly cursor: Point | null;
  readonly isSpaceHeld: boolean;
  readonly spaceHeld: () => boolean;
  readonly hide: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onKeyUp: (event: KeyboardEvent) => void;
  readonly onBlur: () => void;
}

export function useStageKeys(
  picture: Point,
  tools: Tools,
  controls: ViewControls,
  stroking: Stroking,
  onSay: (at: Point) => void,
): StageKeys {
  const [cursor, setCursor] = useState<Point | null>(null);
  const [isSpaceHeld, setSpaceHeld] = useState(false);
  const space = useRef(false);

  const hold = (isHeld: boolean): void => {
    space.current = isHeld;
    setSpaceHeld(isHeld);
  };
  const go = (direction: Point, event: KeyboardEvent): void => {
    const step =
      event.ctrlKey || event.metaKey ? 1 : Math.max(1, Math.round(tools.size / (event.shiftKey ? 1 : 4)));
    const next: Point =
      cursor === null
        ? middleOf(controls, picture)
        : [
            within(cursor[0] + direction[0] * step, picture[0]),
            within(cursor[1] + direction[1] * step, picture[1]),
          ];
    setCursor(next);
    controls.show(next);
    if (space.current) stroking.goOn(next, 1);
  };
  const down = (event: KeyboardEvent): void => {
    const direction = ARROWS[event.key];
    if (direction !== undefined && !event.altKey) {
      event.preventDefault();
      go(direction, event);
    } else if (event.key === ' ') {
      event.preventDefault();
      if (event.repeat || space.current) return;
      hold(true);
      if (cursor !== null && tools.tool !== 'hand')
        stroking.begin(cursor, 1, tools.tool === 'eraser', event.shiftKey);
    }
  };
  const release = (): void => {
    if (!space.current) return;
    hold(false);
    if (cursor !== null && stroking.isGoingOn()) {
      stroking.end();
      onSay(cursor);
    }
  };
  return {
    cursor,
    isSpaceHeld,
    spaceHeld: () => space.current,
    hide: () => {
      if (cursor !== null && !space.current) setCursor(null);
    },
    onKeyDown: down,
    onKeyUp: (event) => event.key === ' ' && release(),
    onBlur: release,
  };
}

function within(value: number, side: number): number {
  return Math.min(side - 0.5, Math.max(0.5, value));
}

/** Of what is seen. */
function middleOf({ view, frame }: ViewControls, picture: Point): Point {
  const [x, y] = inPicture(view, [frame[0] / 2, frame[1] / 2]);
  return [Math.floor(within(x, picture[0])) + 0.5, Math.floor(within(y, picture[1])) + 0.5];
}
