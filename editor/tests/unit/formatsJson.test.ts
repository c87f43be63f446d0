// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/model/formatError';
import { MOST_DEPTH, parseJson, sameJson, stringifyJson } from '../../src/model/json';
import { BIG, TEXTS } from './formatsKit';

function keyOf(act: () => unknown): string | null {
  try {
    act();
  } catch (error) {
    return error instanceof FormatError ? error.key : String(error);
  }
  return null;
}

describe('JSON', () => {
  it('keeps whole numbers of 64 bit', () => {
    expect(parseJson('[18446744073709551615, -9007199254740993, 9007199254740991, 12]')).toEqual([
      BIG,
      -9007199254740993n,
      9007199254740991,
      12,
    ]);
  });

  it('reads other numbers as doubles', () => {
    expect(parseJson('[1.5, 1e3, 0.30000000000000004, -0.1, 12345678901234567.5, 1e16]')).toEqual([
      1.5, 1000, 0.30000000000000004, -0.1, 12345678901234568, 1e16,
    ]);
  });

  it.each([...TEXTS])('writes what it read: %s', (_, text) => {
    const data = parseJson(text);
    expect(parseJson(stringifyJson(data))).toEqual(data);
    expect(parseJson(stringifyJson(data, 2))).toEqual(data);
  });

  it('indents objects with and without long numbers alike', () => {
    expect(stringifyJson({ a: [1n] }, 2)).toBe(stringifyJson({ a: [1] }, 2));
  });

  it('takes the words of Python for null, but not inside texts', () => {
    expect(parseJson('{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, Infinity"}')).toEqual({
      a: null,
      b: [null, null],
      c: 'NaN, Infinity',
    });
  });

  it('takes the last of two keys, with long numbers too', () => {
    expect(parseJson('{"a": 1, "a": 2}')).toEqual({ a: 2 });
    expect(parseJson(`{"a": 1, "a": ${BIG}}`)).toEqual({ a: BIG });
  });

  it('is not led astray by names of prototypes', () => {
    const data = parseJson(`{"__proto__": {"polluted": ${BIG}}, "constructor": 1}`);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(stringifyJson(data)).toContain('__proto__');
  });

  it('refuses what is nested too deep, at any size and without end', () => {
    expect(keyOf(() => parseJson('['.repeat(MOST_DEPTH) + ']'.repeat(MOST_DEPTH)))).toBeNull();
    expect(keyOf(() => parseJson('['.repeat(MOST_DEPTH + 1)))).toBe('format.tooDeep');
    expect(keyOf(() => parseJson('{"a":'.repeat(100_000)))).toBe('format.tooDeep');
    expect(keyOf(() => parseJson(`"${'['.repeat(1000)}"`))).toBeNull();
  });

  it('refuses what is too long, and what is no JSON', () => {
    expect(keyOf(() => parseJson(' '.repeat(50_000_001)))).toBe('format.tooLarge');
    for (const text of ['', '{', '[1,]', '"open', `[${BIG}`, 'NaNa', '"\\']) {
      expect(keyOf(() => parseJson(text))).toBe('format.notJson');
    }
  });

  it('reads a number of a million digits in no time', () => {
    const started = performance.now();
    parseJson(`[${'9'.repeat(1_000_000)}]`);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('compares by what is said', () => {
    expect(sameJson({ a: [1n, 'x'], b: null }, { b: null, a: [1, 'x'] })).toBe(true);
    expect(sameJson(BIG, Number(BIG))).toBe(false);
    expect(sameJson({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameJson([1], { 0: 1 })).toBe(false);
    expect(sameJson('1', 1)).toBe(false);
    expect(sameJson(undefined, null)).toBe(false);
  });
});
