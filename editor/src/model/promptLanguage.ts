/**
 * The little language of prompts, read as the server reads it (`diffusion/clip/prompt.py`).
 *
 * `(text)` multiplies the weight of what it holds by 1.1, `(text:1.3)` by 1.3, nested groups multiply, `\(` and `\)` are
 * plain parentheses, and a parenthesis without a partner is plain text.
 */

export const GROUP_FACTOR = 1.1;
const HEAVIEST = 1000;

/** White space as the server's language knows it, which differs from that of JavaScript by a few characters. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SIGN = /\\[()]|[():]/gu;
const NUMBER = new RegExp(
  `^[${SPACE}]*[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?[${SPACE}]*$`,
  'u',
);
const EMBEDDING_PREFIX = new RegExp(`(?:^|[${SPACE}(,])embedding$`, 'u');
const PREFIX_LENGTH = 'embedding'.length + 1;

/** A stretch of text and its weight (1 = as it is). */
export interface Span {
  readonly text: string;
  readonly weight: number;
}

/** A matched pair of parentheses: where its text ends (at a colon or at the closing sign), where it closes, its factor. */
export interface Group {
  readonly open: number;
  readonly contentEnd: number;
  readonly close: number;
  readonly factor: number;
}

export interface Pairs {
  /** By the place where they open. */
  readonly groups: ReadonlyMap<number, Group>;
  /** Where parentheses without a partner stand, in the order of the text. */
  readonly lonely: readonly number[];
}

interface Frame {
  readonly open: number;
  /** The last colon in it that might start a number. */
  colon: number | null;
}

/** The spans of a prompt in order; empty ones are left out. */
export function spansOf(prompt: string): readonly Span[] {
  const { groups } = pairsOf(prompt);
  const spans: Span[] = [];
  const nested: (readonly [group: Group, outer: number])[] = [];
  let text = '';
  let weight = 1;
  let at = 0;
  const finish = (): void => {
    if (text !== '') spans.push({ text, weight });
    text = '';
  };
  for (const sign of prompt.matchAll(SIGN)) {
    const where = sign.index;
    if (where < at) continue; // inside the number of a group that has been closed
    text += prompt.slice(at, where);
    at = where + sign[0].length;
    const group = groups.get(where);
    const innermost = nested.at(-1);
    if (group !== undefined) {
      finish();
      nested.push([group, weight]);
      weight = bounded(weight * group.factor);
    } else if (innermost !== undefined && where === innermost[0].contentEnd) {
      finish();
      nested.pop();
      weight = innermost[1];
      at = innermost[0].close + 1;
    } else text += sign[0].slice(-1); // an escape stands for its second character
  }
  text += prompt.slice(at);
  finish();
  return spans;
}

/** The groups of a prompt, and what has no partner. */
export function pairsOf(prompt: string): Pairs {
  const groups = new Map<number, Group>();
  const lonely: number[] = [];
  const frames: Frame[] = [];
  for (const sign of prompt.matchAll(SIGN)) {
    const where = sign.index;
    const frame = frames.at(-1);
    if (sign[0] === '(') {
      if (frame !== undefined) frame.colon = null; // what follows the colon holds a group, so it is no number
      frames.push({ open: where, colon: null });
    } else if (sign[0] === ')') {
      if (frame === undefined) lonely.push(where);
      else {
        frames.pop();
        groups.set(frame.open, closed(prompt, frame, where));
      }
    } else if (sign[0] === ':' && frame !== undefined && mayPrecedeNumber(prompt, frame.open, where))
      frame.colon = where;
  }
  lonely.push(...frames.map(({ open }) => open));
  return { groups, lonely: lonely.sort((one, other) => one - other) };
}

/** The text as a prompt that means exactly it. */
export function escaped(text: string): string {
  return text.replace(/[()]/gu, '\\$&');
}

/** Whether the character here stands for itself because of a backslash: only parentheses can be escaped. */
export function isEscaped(prompt: string, at: number): boolean {
  return (prompt[at] === '(' || prompt[at] === ')') && prompt[at - 1] === '\\';
}

function closed(prompt: string, { open, colon }: Frame, close: number): Group {
  const number = colon === null ? '' : prompt.slice(colon + 1, close);
  if (colon === null || !NUMBER.test(number)) return { open, contentEnd: close, close, factor: GROUP_FACTOR };
  return { open, contentEnd: colon, close, factor: bounded(Number(trimmed(number))) };
}

/** A number needs text before its colon, and the colon of `embedding:7` belongs to a name. */
function mayPrecedeNumber(prompt: string, opened: number, colon: number): boolean {
  if (colon - 1 <= opened) return false;
  return !EMBEDDING_PREFIX.test(prompt.slice(Math.max(opened, colon - PREFIX_LENGTH), colon));
}

function trimmed(number: string): string {
  return number.replace(new RegExp(`[${SPACE}]+`, 'gu'), '').replace(/^\+/u, '');
}

function bounded(weight: number): number {
  return Math.max(-HEAVIEST, Math.min(HEAVIEST, weight));
}
