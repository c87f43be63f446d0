/** The brush: how strongly it covers at a distance from its middle, and how large it may be. */

export interface Brush {
  /** Its diameter in pixels of the picture. */
  readonly size: number;
  /** 0: it fades from its middle on; 1: it is even up to its edge. */
  readonly hardness: number;
}

export const LEAST_SIZE = 1;
const FASTER = 1.15;
/** Of the size, for the lightest touch of a pen. */
const LIGHTEST = 0.1;
/** Half the width of the edge of the hardest brush, so that it is not jagged. */
const EDGE = 0.5;

/** From 1 in the middle down to 0 outside; `radius` and `distance` in pixels. */
export function falloff(distance: number, radius: number, hardness: number): number {
  const core = coreOf(radius, hardness);
  const outer = radius + EDGE;
  if (distance <= core) return 1;
  if (distance >= outer) return 0;
  const part = (outer - distance) / (outer - core);
  return part * part * (3 - 2 * part);
}

/** How far from the middle nothing has faded yet. */
export function coreOf(radius: number, hardness: number): number {
  return Math.max(0, Math.min(radius * hardness, radius - EDGE));
}

/** How far from the middle something is covered at all. */
export function reachOf(radius: number): number {
  return radius + EDGE;
}

/** `pressure` from 0 to 1; a mouse has 1. */
export function radiusOf(brush: Brush, pressure: number): number {
  const part = LIGHTEST + (1 - LIGHTEST) * Math.min(1, Math.max(0, pressure));
  return Math.max(LEAST_SIZE, brush.size * part) / 2;
}

/** The next size up (1) or down (-1), by a part of it and at least by a pixel. */
export function nextSize(size: number, direction: 1 | -1, largest: number): number {
  const next = direction > 0 ? Math.max(size + 1, size * FASTER) : Math.min(size - 1, size / FASTER);
  return Math.min(largest, Math.max(LEAST_SIZE, Math.round(next)));
}

/** Half of the picture at once is enough for the largest brush. */
export function largestSize(width: number, height: number): number {
  return Math.max(64, Math.round(Math.max(width, height) / 2));
}

/** What is useful to begin with. */
export function firstSize(width: number, height: number): number {
  return Math.max(8, Math.round(Math.min(width, height) / 10));
}

/** A slider from 0 to 1 that is fine for small brushes. */
export function sizeAt(part: number, largest: number): number {
  return Math.round(LEAST_SIZE + (largest - LEAST_SIZE) * part ** 2);
}

export function partAt(size: number, largest: number): number {
  return Math.sqrt((size - LEAST_SIZE) / (largest - LEAST_SIZE));
}
