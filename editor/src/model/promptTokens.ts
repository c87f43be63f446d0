/**
 * How a prompt fills the windows that a text model reads, 75 tokens each, as `diffusion/clip/words.py` and `windows.py`
 * lay it out: words stay whole, embeddings count as their vectors, unknown embeddings are left out.
 */

import type { ClipTokenizer } from './clipTokenizer';
import { SPACE, spansOf } from './promptLanguage';

export const WINDOW = 75;
export const EMBEDDING = 'embedding:';
/** A word of that many tokens may be split between windows. */
const SPLITTABLE = 8;
const SPACES = new RegExp(`[${SPACE}]+`, 'u');
const COMMA = new RegExp(`[,${SPACE}]`, 'u');

/** How many vectors an embedding has; null for one whose file does not tell. Names that are missing are unknown. */
export type Embeddings = ReadonlyMap<string, number | null>;

export interface TokenCount {
  /** Tokens of text in each window; never empty. */
  readonly windows: readonly number[];
  /** Embeddings that the server does not have. */
  readonly unknown: readonly string[];
  /** Some embedding does not tell its size; it is counted as one. */
  readonly isAtLeast: boolean;
}

interface Found {
  readonly name: string;
  readonly vectors: number | null | undefined;
  readonly rest: string;
}

export function tokensOf(prompt: string, tokenizer: ClipTokenizer, embeddings: Embeddings): TokenCount {
  const words: number[] = [];
  const unknown = new Set<string>();
  let isAtLeast = false;
  for (const { text: span } of spansOf(prompt)) {
    for (const written of span.split(SPACES)) {
      let text = written;
      if (written.startsWith(EMBEDDING)) {
        const found = foundIn(written.slice(EMBEDDING.length), embeddings);
        text = found.rest;
        if (found.vectors === undefined) unknown.add(found.name);
        else words.push(found.vectors ?? 1);
        isAtLeast ||= found.vectors === null;
      }
      if (text !== '') words.push(tokenizer.count(text));
    }
  }
  return { windows: laidOut(words), unknown: [...unknown], isAtLeast };
}

/** A name may end before a comma or before punctuation. */
function foundIn(written: string, embeddings: Embeddings): Found {
  const [beforeComma = ''] = written.split(COMMA, 1);
  const shortest = beforeComma.replace(/[,.;:!?]+$/u, '');
  for (const name of [written, beforeComma, shortest]) {
    const vectors = name === '' ? undefined : embeddings.get(name);
    if (vectors !== undefined) return { name, vectors, rest: written.slice(name.length) };
  }
  return { name: shortest, vectors: undefined, rest: written.slice(shortest.length) };
}

/** The lengths of the windows that hold words of these lengths, in order. */
export function laidOut(words: readonly number[]): readonly number[] {
  const filled: number[] = [0];
  const add = (tokens: number): void => void filled.push((filled.pop() ?? 0) + tokens);
  for (const word of words) {
    let rest = word;
    while (rest > 0) {
      const free = WINDOW - (filled.at(-1) ?? 0);
      if (rest <= free) {
        add(rest);
        break;
      }
      if (word >= SPLITTABLE) {
        add(free);
        rest -= free;
      }
      filled.push(0);
    }
  }
  return filled;
}
