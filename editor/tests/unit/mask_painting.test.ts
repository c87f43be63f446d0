/** The painting of masks without a page: brush, strokes, steps, view, and the file that is sent. */

import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  falloff,
  firstSize,
  largestSize,
  nextSize,
  partAt,
  radiusOf,
  sizeAt,
} from '../../src/image/mask/brush';
import { begun, isChanged, MOST_STEPS, painted, redone, undone } from '../../src/image/mask/history';
import { pngOf } from '../../src/image/mask/png';
import { begunStroke, type Dab, endedStroke, goneOn } from '../../src/image/mask/stroke';
import {
  boxOf,
  evenMask,
  filled,
  inverted,
  type Mask,
  PAINTED,
  readMask,
  rowOf,
  TILE,
  type Tile,
  valueAt,
} from '../../src/image/mask/tiles';
import { fittedView, inFrame, inPicture, movedView, showing, zoomedView } from '../../src/image/mask/view';

const HARD = { size: 20, hardness: 1 };
const dab = (x: number, y: number, radius = HARD.size / 2): Dab => ({ x, y, radius });

/** A whole stroke through these places. */
function stroked(mask: Mask, places: readonly Dab[], brush = HARD, isErasing = false): Mask {
  const [first = dab(0, 0), ...others] = places;
  return endedStroke(others.reduce(goneOn, begunStroke(mask, brush, isErasing, first)));
}

function values(mask: Mask): readonly number[] {
  return Array.from({ length: mask.height }, (_, y) => [...rowOf(mask, y)]).flat();
}

function isSame(tile: Tile, other: Tile | undefined): boolean {
  if (typeof tile === 'number' || typeof other === 'number') return tile === other;
  return tile.every((value, index) => value === other?.[index]);
}

describe('the brush', () => {
  it('covers fully in its middle, half at its edge, nothing beyond, and never more further out', () => {
    for (const hardness of [0, 0.3, 0.8, 1]) {
      const found = Array.from({ length: 121 }, (_, step) => falloff(step / 10, 10, hardness));
      expect(found[0]).toBe(1);
      expect(found[120]).toBe(0);
      expect(found).toEqual(found.toSorted((one, other) => other - one));
    }
    expect(falloff(10, 10, 1)).toBeCloseTo(0.5);
  });

  it('is even up to its hardness and fades from there on', () => {
    expect(falloff(7.9, 10, 0.8)).toBe(1);
    expect(falloff(8.6, 10, 0.8)).toBeLessThan(1);
    expect(falloff(8.6, 10, 0.8)).toBeGreaterThan(0);
    expect(falloff(5, 10, 0)).toBeCloseTo(0.5, 1);
    expect(falloff(9.4, 10, 1)).toBe(1);
  });

  it('grows with the pressure of a pen, and is never less than a pixel', () => {
    expect(radiusOf(HARD, 1)).toBe(10);
    expect(radiusOf(HARD, 0)).toBe(1);
    expect(radiusOf(HARD, 0.5)).toBeCloseTo(5.5);
    expect(radiusOf({ size: 2, hardness: 1 }, 0)).toBe(0.5);
  });

  it('has sizes that grow in steps one can see and stay within bounds', () => {
    expect(nextSize(1, 1, 100)).toBe(2);
    expect(nextSize(100, 1, 100)).toBe(100);
    expect(nextSize(1, -1, 100)).toBe(1);
    expect(nextSize(40, 1, 100)).toBe(46);
    for (const size of [1, 2, 3, 17, 63, 500])
      expect(nextSize(nextSize(size, 1, 999), -1, 999)).toBeCloseTo(size, -0.5);
  });

  it('has a slider that reaches both ends', () => {
    const largest = largestSize(1024, 512);
    expect(sizeAt(0, largest)).toBe(1);
    expect(sizeAt(1, largest)).toBe(512);
    expect(sizeAt(partAt(100, largest), largest)).toBe(100);
    expect(firstSize(1024, 512)).toBe(51);
  });
});

describe('a stroke', () => {
  it('covers a disc where the brush touches once', () => {
    const mask = stroked(evenMask(64, 64), [dab(32, 32)]);
    const area = values(mask).reduce((sum, value) => sum + value / PAINTED, 0);
    expect(area).toBeCloseTo(Math.PI * 10 ** 2, -1);
    expect(valueAt(mask, 32, 32)).toBe(PAINTED);
    expect(valueAt(mask, 32, 43)).toBe(0);
  });

  it('leaves no gap however far apart its points are, also over the edges of tiles', () => {
    const mask = stroked(evenMask(1000, 700), [dab(20, 20), dab(980, 20), dab(30, 680)]);
    for (let x = 20; x <= 980; x += 1) expect(valueAt(mask, x, 20)).toBe(PAINTED);
    for (let step = 0; step <= 1000; step += 1) {
      const x = 980 + (step / 1000) * (30 - 980);
      const y = 20 + (step / 1000) * (680 - 20);
      expect(valueAt(mask, Math.floor(x), Math.floor(y))).toBe(PAINTED);
    }
    expect(valueAt(mask, 500, 20 + 12)).toBe(0);
    expect(valueAt(mask, 20, 400)).toBe(0);
  });

  it('is the same whether its line comes in one piece or in many', () => {
    const soft = { size: 30, hardness: 0.2 };
    const places = Array.from({ length: 61 }, (_, step) => dab(30 + 5 * step, 40 + step, 15));
    const once = values(stroked(evenMask(400, 200), [places[0] ?? dab(0, 0), places[60] ?? dab(0, 0)], soft));
    const often = values(stroked(evenMask(400, 200), places, soft));
    const differences = once.map((value, index) => Math.abs(value - (often[index] ?? 0)));
    expect(differences.filter((difference) => difference > 2)).toEqual([]);
  });

  it('does not become stronger where it crosses itself, but a second one does', () => {
    const soft = { size: 30, hardness: 0 };
    const there = [dab(20, 50, 15), dab(80, 50, 15)];
    const once = stroked(evenMask(100, 100), there, soft);
    const back = stroked(evenMask(100, 100), [...there, ...there.toReversed()], soft);
    expect(values(back)).toEqual(values(once));
    const twice = stroked(once, there, soft);
    expect(valueAt(once, 50, 58)).toBeGreaterThan(0);
    expect(valueAt(twice, 50, 58)).toBeGreaterThan(valueAt(once, 50, 58));
  });

  it('is as wide as the pressure was along the way', () => {
    const mask = stroked(evenMask(200, 100), [dab(20, 50, 2), dab(180, 50, 20)]);
    const widthAt = (x: number): number =>
      Array.from({ length: 100 }, (_, y) => valueAt(mask, x, y)).filter((value) => value > 127).length;
    expect(widthAt(25)).toBeLessThan(8);
    expect(widthAt(100)).toBeGreaterThan(18);
    expect(widthAt(175)).toBeGreaterThan(34);
  });

  it('with a brush of one pixel paints whole pixels', () => {
    const pixel = { size: 1, hardness: 1 };
    const mask = stroked(evenMask(20, 20), [dab(5.1, 5.9, 0.5), dab(12.7, 5.2, 0.5)], pixel);
    const found = values(mask).flatMap((value, index) => (value > 127 ? [index] : []));
    expect(found).toEqual(Array.from({ length: 8 }, (_, step) => 5 * 20 + 5 + step));
  });

  it('erases what was painted, and nothing else', () => {
    const full = filled(evenMask(300, 100), PAINTED);
    const mask = stroked(full, [dab(50, 50), dab(280, 50)], HARD, true);
    expect(valueAt(mask, 150, 50)).toBe(0);
    expect(valueAt(mask, 150, 62)).toBe(PAINTED);
    expect(stroked(evenMask(300, 100), [dab(50, 50)], HARD, true).tiles).toEqual([0, 0]);
  });

  it('copies only the tiles it touches, and changes no mask that was there before', () => {
    const before = stroked(evenMask(4096, 4096), [dab(100, 100), dab(3000, 3000)]);
    const seen = before.tiles.map((tile) => (typeof tile === 'number' ? tile : tile.slice()));
    const after = stroked(before, [dab(1200, 300)]);
    const changed = after.tiles.filter((tile, index) => tile !== before.tiles[index]);
    expect(changed.length).toBe(1);
    expect(before.tiles.every((tile, index) => isSame(tile, seen[index]))).toBe(true);
  });

  it('that changes nothing gives the same mask back', () => {
    const full = filled(evenMask(100, 100), PAINTED);
    expect(stroked(full, [dab(50, 50)])).toBe(full);
    const blank = evenMask(100, 100);
    expect(stroked(blank, [dab(-500, -500), dab(-400, -300)])).toBe(blank);
  });

  it('over everything leaves tiles that need no memory', () => {
    const mask = stroked(evenMask(300, 300), [dab(150, 150, 600)], { size: 1200, hardness: 1 });
    expect(mask.tiles).toEqual([PAINTED, PAINTED, PAINTED, PAINTED]);
  });
});

describe('a mask', () => {
  it('is inverted, and twice it is as it was', () => {
    const mask = stroked(evenMask(300, 70), [dab(30, 30), dab(260, 30)], { size: 20, hardness: 0.3 });
    expect(values(inverted(mask))).toEqual(values(mask).map((value) => PAINTED - value));
    expect(values(inverted(inverted(mask)))).toEqual(values(mask));
  });

  it('is filled and cleared, which is nothing where it is so already', () => {
    const blank = evenMask(300, 70);
    expect(filled(blank, 0)).toBe(blank);
    const mask = stroked(blank, [dab(30, 30)]);
    expect(new Set(values(filled(mask, PAINTED)))).toEqual(new Set([PAINTED]));
    expect(new Set(values(filled(mask, 0)))).toEqual(new Set([0]));
  });

  it('is read tile by tile, also at the edges', () => {
    const value = (x: number, y: number): number => (x * 7 + y * 13) % 256;
    const read = readMask(TILE + 5, TILE + 3, (box) => {
      const across = box.right - box.left;
      return Uint8Array.from({ length: across * (box.bottom - box.top) }, (_, index) =>
        value(box.left + (index % across), box.top + Math.floor(index / across)),
      );
    });
    for (const [x, y] of [
      [0, 0],
      [255, 255],
      [256, 0],
      [260, 258],
      [3, 257],
    ] as const)
      expect(valueAt(read, x, y)).toBe(value(x, y));
    expect(boxOf(read, 3)).toEqual({ left: 256, top: 256, right: 261, bottom: 259 });
    expect(readMask(700, 300, () => new Uint8Array(TILE * TILE)).tiles).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('the steps', () => {
  const blank = evenMask(2000, 2000);

  it('are undone and redone one by one, until something else is painted', () => {
    const first = stroked(blank, [dab(50, 50)]);
    const second = inverted(first);
    const all = painted(painted(begun(blank), first), second);
    expect(undone(all).mask).toBe(first);
    expect(undone(undone(all)).mask).toBe(blank);
    expect(undone(undone(undone(all))).mask).toBe(blank);
    expect(redone(redone(undone(undone(all)))).mask).toBe(second);
    const other = painted(undone(all), filled(first, PAINTED));
    expect(redone(other)).toBe(other);
    expect(undone(other).mask).toBe(first);
  });

  it('are none where nothing changed, and know whether something would be lost', () => {
    const start = begun(blank);
    expect(painted(start, blank)).toBe(start);
    const changed = painted(start, stroked(blank, [dab(50, 50)]));
    expect(isChanged(start)).toBe(false);
    expect(isChanged(changed)).toBe(true);
    expect(isChanged(undone(changed))).toBe(false);
  });

  it('are bounded in number and in memory, but the last ones always stay', () => {
    let history = begun(blank);
    for (let step = 0; step < MOST_STEPS + 20; step += 1) {
      history = painted(history, step % 2 === 0 ? filled(blank, PAINTED) : filled(history.mask, 0));
    }
    expect(history.past.length).toBe(MOST_STEPS);

    let large = begun(stroked(blank, [dab(0, 0), dab(2000, 2000)]));
    for (let step = 0; step < 20; step += 1) large = painted(large, inverted(large.mask), 5 * TILE * TILE);
    expect(large.past.length).toBe(3);
  });

  it('cost no more than the tiles that a stroke touched', () => {
    const first = stroked(blank, [dab(50, 50)]);
    const second = stroked(first, [dab(60, 60)]);
    const { past } = painted(painted(begun(blank), first), second);
    expect(past.map(({ bytes }) => bytes)).toEqual([0, TILE * TILE]);
  });
});

describe('the view', () => {
  const picture = [400, 200] as const;
  const frame = [448, 448] as const;

  it('shows the whole picture in the middle at first', () => {
    expect(fittedView(picture, frame)).toEqual({ scale: 1, x: 24, y: 124 });
  });

  it('zooms around the point it is asked to, and finds the way back into the picture', () => {
    const view = zoomedView(fittedView(picture, frame), 3, [100, 200], picture, frame);
    expect(inPicture(view, [100, 200])).toEqual([76, 76]);
    expect(inFrame(view, [76, 76])).toEqual([100, 200]);
  });

  it('never loses the picture from sight', () => {
    const far = movedView(fittedView(picture, frame), [9999, -9999], picture, frame);
    const [x, y] = inFrame(far, [0, 200]);
    expect(x).toBeLessThan(frame[0]);
    expect(y).toBeGreaterThan(0);
  });

  it('follows the brush of the keyboard', () => {
    const near = zoomedView(fittedView(picture, frame), 20, [224, 224], picture, frame);
    const [x, y] = inFrame(showing(near, [399, 199], picture, frame), [399, 199]);
    expect(x).toBeLessThanOrEqual(frame[0]);
    expect(y).toBeLessThanOrEqual(frame[1]);
    expect(showing(near, inPicture(near, [200, 200]), picture, frame)).toBe(near);
  });
});

describe('the file that is sent', () => {
  it('is transparent where it is painted, pixel by pixel', async () => {
    const mask = stroked(evenMask(300, 40), [dab(20, 20), dab(290, 25)], { size: 20, hardness: 0.4 });
    const { width, height, alpha } = alphaOf(await pngOf(mask));
    expect([width, height]).toEqual([300, 40]);
    expect(alpha).toEqual(values(mask).map((value) => PAINTED - value));
    expect(new Set(alpha).size).toBeGreaterThan(20);
  });
});

/** Reads a PNG of grey with alpha whose rows have no filter. */
function alphaOf(bytes: Uint8Array): {
  readonly width: number;
  readonly height: number;
  readonly alpha: readonly number[];
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const data: Uint8Array[] = [];
  for (let at = 8; at < bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const rows = inflateSync(Buffer.concat(data));
  const alpha = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => rows[y * (1 + 2 * width) + 2 + 2 * x] ?? -1),
  ).flat();
  return { width, height, alpha };
}
