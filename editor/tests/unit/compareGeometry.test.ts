/** Where the line between two compared pictures stands, and in which values they differ. */

import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../src/image/compare/differing';
import { actualScale, fractionAt, halfAt, movedLine } from '../../src/image/compare/geometry';
import { valuesIn } from '../../src/image/Facts';

describe('the line', () => {
  it('stands where the pointer is, and never outside', () => {
    const box = { left: 100, width: 400 };
    expect(fractionAt(200, box)).toBe(0.25);
    expect(fractionAt(0, box)).toBe(0);
    expect(fractionAt(900, box)).toBe(1);
    expect(fractionAt(5, { left: 0, width: 0 })).toBe(0.5);
  });

  it.each([
    ['ArrowLeft', false, 0.48],
    ['ArrowRight', false, 0.52],
    ['ArrowUp', false, 0.52],
    ['ArrowDown', false, 0.48],
    ['ArrowRight', true, 0.6],
    ['PageUp', false, 0.6],
    ['PageDown', false, 0.4],
    ['Home', false, 0],
    ['End', false, 1],
    ['a', false, null],
  ])('is moved by %s (fast: %s) from the middle to %s', (key, fast, to) => {
    expect(movedLine(key, 0.5, fast)).toBe(to);
  });

  it('stops at both edges', () => {
    expect(movedLine('ArrowLeft', 0.01, false)).toBe(0);
    expect(movedLine('PageUp', 0.95, false)).toBe(1);
  });
});

describe('side by side', () => {
  it('each picture has a half as its frame', () => {
    const box = { left: 10, top: 20, width: 200, height: 80 };
    expect(halfAt(box, 109)).toEqual({ left: 10, top: 20, width: 100, height: 80 });
    expect(halfAt(box, 110)).toEqual({ left: 110, top: 20, width: 100, height: 80 });
  });
});

describe('the actual size', () => {
  it('undoes how a picture was fitted into its frame', () => {
    expect(actualScale([200, 100], [100, 100])).toBe(2);
    expect(actualScale([50, 50], [100, 400])).toBe(0.5);
    expect(actualScale([0, 0], [100, 100])).toBe(1);
  });
});

describe('differing values', () => {
  const node = (inputs: object, kind = 'KSampler') => ({ '5': { class_type: kind, inputs } });
  const of = (one: object, other: object) =>
    differencesOf(valuesIn(JSON.stringify(one)), valuesIn(JSON.stringify(other)));

  it('are told with the node and both values', () => {
    const one = node({ seed: 1, steps: 20, model: ['1', 0] });
    const other = node({ seed: 2, steps: 20, model: ['2', 0] });
    expect(of(one, other)).toEqual([{ node: 'KSampler', name: 'seed', one: '1', other: '2' }]);
    expect(of(one, one)).toEqual([]);
  });

  it('are those of one picture where the other one has no such node', () => {
    expect(of(node({ seed: 1 }), node({ seed: 1 }, 'Other'))).toEqual([
      { node: 'KSampler', name: 'seed', one: '1', other: null },
      { node: 'Other', name: 'seed', one: null, other: '1' },
    ]);
  });
});
