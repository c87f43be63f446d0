/** Finds a place for something new where nothing else is, near to where it was wanted. */

import type { Point, Size } from './types';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 24;
/** Places that are tried before the wanted one is taken as it is. */
const MOST_TRIES = 400;

/** The upper left corner: the wanted one, else the next free one below it, else in a column to the right. */
export function freePlace(boxes: readonly Box[], [width, height]: Size, wanted: Point): Point {
  let [x, y] = wanted;
  let right = x;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const hit = boxes.find((box) => isInTheWay(box, { x, y, width, height }));
    if (hit === undefined) return [x, y];
    right = Math.max(right, hit.x + hit.width + GAP);
    y = hit.y + hit.height + GAP;
    if (y - wanted[1] <= MOST_DOWN) continue;
    [x, y] = [right, wanted[1]];
  }
  return wanted;
}

/** A column longer than this is hard to follow. */
const MOST_DOWN = 900;

function isInTheWay(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width + GAP &&
    other.x < one.x + one.width + GAP &&
    one.y < other.y + other.height + GAP &&
    other.y < one.y + one.height + GAP
  );
}
