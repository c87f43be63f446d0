/** What goes between the editor and extensions: which scripts are ours, and values that neither can change for the other. */

import { describe, expect, it } from 'vitest';
import { asJson, frozen } from '../../src/extensions/jsonValues';
import { readListed } from '../../src/extensions/start';

describe('the list of scripts', () => {
  it('has ours to run, counts those of others, and believes no other address', () => {
    const { extensions, others } = readListed([
      '/extensions/a%20b/x.nodeloom.js',
      '/extensions/a%20b/sub/y.nodeloom.js',
      '/extensions/old/a.js',
      '/extensions/old/b.js',
      'https://elsewhere.example/extensions/c/x.nodeloom.js',
      '//elsewhere/extensions/c/x.nodeloom.js',
      '/extensions/../c/x.nodeloom.js',
      '/extensions/c/../../x.nodeloom.js',
      '/extensions/c?x.nodeloom.js',
      42,
    ]);
    expect(extensions.map(({ pack, modules }) => [pack, modules.length])).toEqual([['a b', 2]]);
    expect([...others]).toEqual([['old', 2]]);
  });
});

describe('values for extensions', () => {
  it('are copies that cannot be changed, the same for the same value', () => {
    const value = { list: [1, { deep: 2n }] };
    expect(frozen(value)).toEqual(value);
    expect(frozen(value)).toBe(frozen(value));
    expect(Object.isFrozen((frozen(value) as { list: unknown }).list)).toBe(true);
  });

  it('that come back have to be JSON, and what is not is named with its place', () => {
    expect(asJson({ a: [1, 'x', null, true, 2n] })).toEqual({ a: [1, 'x', null, true, 2n] });
    expect(() => asJson({ a: [Number.NaN] })).toThrow('found NaN at .a[0]');
    expect(() => asJson(new Map())).toThrow('an object of a class');
    expect(() => asJson(undefined)).toThrow('undefined');
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => asJson(circle)).toThrow('too deep');
  });
});
