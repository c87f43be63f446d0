/** Reads and writes JSON without rounding a whole number: those that a double cannot hold are bigints. */

import { parse as parseLossless, stringify as stringifyLossless } from 'lossless-json';
import { FormatError } from './formatError';
import type { Json, JsonObject } from './types';

export const MOST_CHARACTERS = 50_000_000;
export const MOST_DEPTH = 200;

/** From this many digits on a number may be beyond 2^53. */
const LONG_NUMBER = 16;

/** A number of more digits is no seed, and to make a bigint of it takes more than linear time. */
const MOST_DIGITS = 1000;

const QUOTE = 34;
const BACKSLASH = 92;
const ZERO = 48;
const NINE = 57;
const OPENING: ReadonlySet<number> = new Set([91, 123]);
const CLOSING: ReadonlySet<number> = new Set([93, 125]);
const BARE_WORDS: ReadonlyMap<number, string> = new Map([
  [78, 'NaN'],
  [73, 'Infinity'],
]);

interface Scan {
  readonly hasLongNumber: boolean;
  /** Where words stand that Python writes and JSON does not know, as start and end. */
  readonly bareWords: readonly (readonly [start: number, end: number])[];
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

function bareWordAt(text: string, at: number, code: number): readonly [number, number] | null {
  const word = BARE_WORDS.get(code);
  if (word === undefined || !text.startsWith(word, at)) return null;
  return [text[at - 1] === '-' ? at - 1 : at, at + word.length];
}

/** One look at the whole text before it is parsed, so that no parser meets a depth that breaks it. */
function scanned(text: string): Scan {
  const bareWords: (readonly [number, number])[] = [];
  let [depth, digits, longest] = [0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    digits = code >= ZERO && code <= NINE ? digits + 1 : 0;
    longest = Math.max(longest, digits);
    if (code === QUOTE) at = endOfString(text, at);
    else if (CLOSING.has(code)) depth -= 1;
    else if (OPENING.has(code) && ++depth > MOST_DEPTH) {
      throw new FormatError('format.tooDeep', { most: MOST_DEPTH });
    } else {
      const word = bareWordAt(text, at, code);
      if (word !== null) bareWords.push(word);
    }
  }
  return { hasLongNumber: longest >= LONG_NUMBER, bareWords };
}

function withoutBareWords(text: string, words: Scan['bareWords']): string {
  if (words.length === 0) return text;
  const pieces: string[] = [];
  let from = 0;
  for (const [start, end] of words) {
    pieces.push(text.slice(from, start), 'null');
    from = end;
  }
  return pieces.join('') + text.slice(from);
}

function exactNumber(text: string): number | bigint {
  const number = Number(text);
  if (Number.isSafeInteger(number) || text.length > MOST_DIGITS || !/^-?\d+$/.test(text)) return number;
  return BigInt(text);
}

/** `NaN` and `Infinity`, which Python writes, become null; of a key that stands twice the last one counts. */
export function parseJson(text: string): Json {
  if (text.length > MOST_CHARACTERS) throw new FormatError('format.tooLarge', { most: MOST_CHARACTERS });
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const { hasLongNumber, bareWords } = scanned(bare);
  const clean = withoutBareWords(bare, bareWords);
  try {
    if (!hasLongNumber) return JSON.parse(clean) as Json;
    const onDuplicateKey = ({ newValue }: { readonly newValue: unknown }) => newValue;
    return parseLossless(clean, null, { parseNumber: exactNumber, onDuplicateKey }) as Json;
  } catch (error) {
    throw new FormatError('format.notJson', { reason: error instanceof Error ? error.message : '' });
  }
}

export function stringifyJson(value: Json, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch {
    // A bigint is in it.
    return stringifyLossless(value, null, indent) ?? 'null';
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value if it is an object, else an empty one. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The value if it is a list, else an empty one. */
export function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

export function isNumeric(value: Json | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A whole number that can count something, else undefined. */
export function wholeNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'string' && !/^-?\d{1,15}$/.test(value)) return undefined;
  if (typeof value !== 'string' && !isNumeric(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function sameLists(one: readonly Json[], other: readonly Json[]): boolean {
  return one.length === other.length && one.every((item, at) => sameJson(item, other[at]));
}

function sameObjects(one: JsonObject, other: JsonObject): boolean {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  );
}

/** Whether two values say the same; a whole number is the same as a bigint, the order of keys means nothing. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (isNumeric(one) && isNumeric(other))
    return typeof one !== typeof other && !(one < other) && !(one > other);
  if (isList(one)) return isList(other) && sameLists(one, other);
  return isObject(one) && isObject(other) && sameObjects(one, other);
}
