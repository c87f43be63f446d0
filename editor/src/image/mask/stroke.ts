/**
 * One stroke of the brush, from the first touch until it is lifted.
 *
 * Between two points it covers everything near the line through them, so that no speed leaves gaps. What it covers twice
 * is covered once: how strongly is kept beside the mask, and put onto what lay there before the stroke.
 */

import { type Brush, coreOf, falloff, reachOf } from './brush';
import {
  type Box,
  boxOf,
  bytesOf,
  type Mask,
  NOT_PAINTED,
  PAINTED,
  simplest,
  TILE,
  type Tile,
} from './tiles';

/** The brush at one place; `x` and `y` in pixels of the picture, whose first pixel has its middle at 0.5. */
export interface Dab {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface Stroke {
  readonly before: Mask;
  /** With what is painted so far. */
  readonly mask: Mask;
  readonly brush: Brush;
  readonly isErasing: boolean;
  /** 0 to 255, by tile. */
  readonly coverage: ReadonlyMap<number, Uint8Array>;
  readonly last: Dab;
}

export function begunStroke(mask: Mask, brush: Brush, isErasing: boolean, at: Dab): Stroke {
  const first = placed(at);
  const stroke = { before: mask, mask, brush, isErasing, coverage: new Map(), last: first };
  return through(stroke, first, first);
}

export function goneOn(stroke: Stroke, to: Dab): Stroke {
  return through(stroke, stroke.last, placed(to));
}

/** The mask after a stroke: the same object where it changed nothing. */
export function endedStroke({ before, mask }: Stroke): Mask {
  if (mask === before) return before;
  const tiles = mask.tiles.map((tile, index) => {
    const old = before.tiles[index] ?? NOT_PAINTED;
    if (tile === old) return old;
    return same(tile, old) ? old : simplest(tile);
  });
  return tiles.every((tile, index) => tile === before.tiles[index]) ? before : { ...mask, tiles };
}

function same(one: Tile, other: Tile): boolean {
  const plain = simplest(one);
  if (typeof plain === 'number' || typeof other === 'number') return plain === other;
  return plain.every((value, index) => value === other[index]);
}

/** A brush of a pixel or two sits on pixels: between them it would only leave shades. */
function placed(dab: Dab): Dab {
  if (dab.radius > 1) return dab;
  return { ...dab, x: Math.floor(dab.x) + 0.5, y: Math.floor(dab.y) + 0.5 };
}

function through(stroke: Stroke, from: Dab, to: Dab): Stroke {
  const { before, brush, isErasing } = stroke;
  const useless = isErasing ? NOT_PAINTED : PAINTED;
  const coverage = new Map(stroke.coverage);
  const tiles = [...stroke.mask.tiles];
  for (const index of tilesNear(before, from, to)) {
    const old = before.tiles[index] ?? NOT_PAINTED;
    if (old === useless) continue;
    const box = touched(squareOf(before, index), from, to);
    const covered = coverage.get(index)?.slice() ?? new Uint8Array(TILE * TILE);
    cover(covered, box, from, to, brush.hardness);
    coverage.set(index, covered);
    tiles[index] = blended(old, tiles[index] ?? old, covered, box, isErasing);
  }
  return { ...stroke, mask: { ...stroke.mask, tiles }, coverage, last: to };
}

/** A whole tile, also beyond the edges of the picture, so that it becomes even where all of it is covered. */
function squareOf(mask: Mask, index: number): Box {
  const { left, top } = boxOf(mask, index);
  return { left, top, right: left + TILE, bottom: top + TILE };
}

/** The tiles that the brush may reach on its way. */
function tilesNear(mask: Mask, from: Dab, to: Dab): readonly number[] {
  const reach = reachOf(Math.max(from.radius, to.radius));
  const box = touched({ left: 0, top: 0, right: mask.width, bottom: mask.height }, from, to);
  const found: number[] = [];
  for (let row = Math.floor(box.top / TILE); row * TILE < box.bottom; row += 1) {
    for (let column = Math.floor(box.left / TILE); column * TILE < box.right; column += 1) {
      const middle = { x: (column + 0.5) * TILE, y: (row + 0.5) * TILE };
      const { distance } = nearest(middle.x, middle.y, from, to);
      if (distance <= reach + TILE * Math.SQRT1_2) found.push(row * mask.columns + column);
    }
  }
  return found;
}

/** The part of a box around the line between two dabs. */
function touched(box: Box, from: Dab, to: Dab): Box {
  const reach = reachOf(Math.max(from.radius, to.radius));
  return {
    left: Math.max(box.left, Math.floor(Math.min(from.x, to.x) - reach)),
    top: Math.max(box.top, Math.floor(Math.min(from.y, to.y) - reach)),
    right: Math.min(box.right, Math.ceil(Math.max(from.x, to.x) + reach)),
    bottom: Math.min(box.bottom, Math.ceil(Math.max(from.y, to.y) + reach)),
  };
}

/** How far a point is from the line between two dabs, and how far along the line that is, from 0 to 1. */
function nearest(
  x: number,
  y: number,
  from: Dab,
  to: Dab,
): { readonly distance: number; readonly along: number } {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const wish = length === 0 ? 0 : ((x - from.x) * dx + (y - from.y) * dy) / length;
  const along = Math.min(1, Math.max(0, wish));
  return { distance: Math.hypot(x - from.x - along * dx, y - from.y - along * dy), along };
}

/** Raises the coverage of a tile; the numbers are kept in locals, as this runs for each pixel. */
function cover(covered: Uint8Array, box: Box, from: Dab, to: Dab, hardness: number): void {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const widest = reachOf(Math.max(from.radius, to.radius)) ** 2;
  const core = coreOf(Math.min(from.radius, to.radius), hardness) ** 2;
  for (let y = box.top; y < box.bottom; y += 1) {
    const py = y + 0.5 - from.y;
    const row = (y % TILE) * TILE;
    for (let x = box.left; x < box.right; x += 1) {
      const px = x + 0.5 - from.x;
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const square = (px - along * dx) ** 2 + (py - along * dy) ** 2;
      if (square >= widest) continue;
      const place = row + (x % TILE);
      const value =
        square <= core
          ? PAINTED
          : Math.round(
              PAINTED * falloff(Math.sqrt(square), from.radius + along * (to.radius - from.radius), hardness),
            );
      if (value > (covered[place] ?? 0)) covered[place] = value;
    }
  }
}

/** A tile with the coverage put onto what lay there before; outside of the box it stays as it is now. */
function blended(before: Tile, now: Tile, covered: Uint8Array, box: Box, isErasing: boolean): Tile {
  const next = bytesOf(now);
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) {
      const place = (y % TILE) * TILE + (x % TILE);
      const old = typeof before === 'number' ? before : (before[place] ?? NOT_PAINTED);
      const part = covered[place] ?? 0;
      const goal = isErasing ? NOT_PAINTED : PAINTED;
      next[place] = Math.round(old + ((goal - old) * part) / PAINTED);
    }
  }
  return next;
}
