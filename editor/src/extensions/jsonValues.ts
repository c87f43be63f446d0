/** Values on their way to extensions and back: nothing that is handed out can be changed, nothing but JSON comes in. */

import type { Json } from '../model/types';

const MOST_DEPTH = 100;
const MOST_PARTS = 1_000_000;

const copies = new WeakMap<object, Json>();

/** A copy that cannot be changed; the same one for the same value. */
export function frozen(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const made: Json = Array.isArray(value)
    ? Object.freeze(value.map(frozen))
    : Object.freeze(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, frozen(each)])));
  copies.set(value, made);
  return made;
}

/** The value as JSON of our own. Throws TypeError that says where something else was found. */
export function asJson(value: unknown): Json {
  let left = MOST_PARTS;
  const read = (part: unknown, where: string, depth: number): Json => {
    left -= 1;
    if (left < 0 || depth > MOST_DEPTH)
      throw new TypeError(`The value is too large or too deep${at(where)}.`);
    if (part === null || ['boolean', 'string', 'bigint'].includes(typeof part)) return part as Json;
    if (typeof part === 'number' && Number.isFinite(part)) return part;
    if (Array.isArray(part)) return part.map((each, index) => read(each, `${where}[${index}]`, depth + 1));
    if (!isPlain(part)) throw new TypeError(`A value has to be JSON; found ${nameOf(part)}${at(where)}.`);
    return Object.fromEntries(
      Object.entries(part).map(([key, each]) => [key, read(each, `${where}.${key}`, depth + 1)]),
    );
  };
  return read(value, '', 0);
}

function at(where: string): string {
  return where === '' ? '' : ` at ${where.slice(0, 80)}`;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' ? 'an object of a class' : typeof value;
}
