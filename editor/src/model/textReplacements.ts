/** Puts values of other nodes (`%Node.widget%`) and the time (`%date:yyyy-MM-dd%`) into the name of a file. */

import { stringifyJson } from './json';
import type { Json } from './types';

const TOKEN = /%([^%\r\n]+)%/g;
const DATE_LETTERS = /yyyy|yy|MM?|dd?|hh?|mm?|ss?/g;
const UNSAFE = /[/?<>\\:*|"]/g;

export interface Replacements {
  /** The value of a widget of the node with this name, undefined where there is none. */
  readonly value: (node: string, widget: string) => Json | undefined;
  readonly now: Date;
}

function dated(pattern: string, now: Date): string {
  const numbers: Readonly<Record<string, number>> = {
    y: now.getFullYear(),
    M: now.getMonth() + 1,
    d: now.getDate(),
    h: now.getHours(),
    m: now.getMinutes(),
    s: now.getSeconds(),
  };
  return pattern.replace(DATE_LETTERS, (letters) => {
    const number = numbers[letters.charAt(0)] ?? 0;
    return String(letters === 'yy' ? number % 100 : number).padStart(letters.length, '0');
  });
}

function replacementOf(token: string, { value, now }: Replacements): string | null {
  if (token.startsWith('date:')) return dated(token.slice('date:'.length), now);
  const dot = token.lastIndexOf('.');
  const found = dot < 0 ? undefined : value(token.slice(0, dot), token.slice(dot + 1));
  if (found === undefined) return null;
  return (typeof found === 'string' ? found : stringifyJson(found)).replace(UNSAFE, '_');
}

/** A token that means nothing stays as it is; a value adds no folder. */
export function withReplacements(text: string, replacements: Replacements): string {
  return text.replace(TOKEN, (whole, token: string) => replacementOf(token, replacements) ?? whole);
}
