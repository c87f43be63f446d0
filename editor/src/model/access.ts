/** Reading JSON of unknown shape without trusting it. */

import { isList, isObject } from './json';
import type { Json, JsonObject } from './types';

export { isList, isObject } from './json';

const NOTHING: JsonObject = {};

/** What stands under a key of an object itself, whatever the key is called. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function objectIn(value: Json | undefined, key: string): JsonObject {
  const found = member(value, key);
  return isObject(found) ? found : NOTHING;
}

export function listIn(value: Json | undefined, key: string): readonly Json[] {
  const found = member(value, key);
  return isList(found) ? found : [];
}

export function textIn(value: Json | undefined, key: string, otherwise = ''): string {
  const found = member(value, key);
  return typeof found === 'string' ? found : otherwise;
}

export function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A pair of numbers such as a position, null for anything else. */
export function pairOf(value: Json | undefined): readonly [number, number] | null {
  if (!isList(value)) return null;
  const [first, second] = [numberOf(value[0]), numberOf(value[1])];
  return first === null || second === null ? null : [first, second];
}
