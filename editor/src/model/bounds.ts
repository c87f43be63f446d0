/** Rectangles on the canvas. */

import type { Point, Size } from './types';

export interface Box {
  readonly pos: Point;
  readonly size: Size;
}

/** The smallest box around others, null for none. */
export function boundsOf(boxes: Iterable<Box>): Box | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { pos, size } of boxes) {
    left = Math.min(left, pos[0]);
    top = Math.min(top, pos[1]);
    right = Math.max(right, pos[0] + size[0]);
    bottom = Math.max(bottom, pos[1] + size[1]);
  }
  return left > right ? null : { pos: [left, top], size: [right - left, bottom - top] };
}

export function contains(box: Box, [x, y]: Point): boolean {
  return x >= box.pos[0] && y >= box.pos[1] && x <= box.pos[0] + box.size[0] && y <= box.pos[1] + box.size[1];
}

export function overlaps(one: Box, other: Box): boolean {
  return (
    one.pos[0] <= other.pos[0] + other.size[0] &&
    other.pos[0] <= one.pos[0] + one.size[0] &&
    one.pos[1] <= other.pos[1] + other.size[1] &&
    other.pos[1] <= one.pos[1] + one.size[1]
  );
}

export function centreOf({ pos, size }: Box): Point {
  return [pos[0] + size[0] / 2, pos[1] + size[1] / 2];
}

export function moved([x, y]: Point, [byX, byY]: Point): Point {
  return [x + byX, y + byY];
}

export function minus([x, y]: Point, [otherX, otherY]: Point): Point {
  return [x - otherX, y - otherY];
}

export function samePoint(one: Point, other: Point): boolean {
  return one[0] === other[0] && one[1] === other[1];
}
