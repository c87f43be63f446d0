/** Tags and words of prompts, by how often they are used. */

import { withoutComments } from '../../model/dynamicPrompts';

export interface Used {
  readonly text: string;
  readonly uses: number;
}

/** What parts tags from each other, of prompts in English and in Chinese, of weights and of choices: for a class. */
export const SEPARATORS = ',\\n\\r(){}|<>\\[\\]:;，、。；：（）';
/** Languages that put no spaces between words: there only tags count. */
export const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const PARTS = new RegExp(`[${SEPARATORS}]+`, 'u');
const NAMED = /embedding:[^\s,()]+|<[^<>\n]*>/gu;
const WORD = /\p{L}[\p{L}\p{N}_'’-]*/gu;
const LONGEST_TAG = 48;
const MOST_WORDS = 6;
const SHORTEST_WORD = 4;

/** The tags and words of some prompts, the most used first; as written where they were met first. */
export function usedIn(prompts: Iterable<string>): readonly Used[] {
  const found = new Map<string, { readonly text: string; uses: number }>();
  for (const prompt of prompts) {
    for (const text of partsOf(prompt)) {
      const key = text.toLowerCase();
      const known = found.get(key);
      if (known === undefined) found.set(key, { text, uses: 1 });
      else known.uses += 1;
    }
  }
  return [...found.values()].sort(
    (one, other) => other.uses - one.uses || one.text.length - other.text.length,
  );
}

function* partsOf(prompt: string): Generator<string> {
  const plain = withoutComments(prompt)
    .replace(NAMED, ',')
    .replace(/\\(?=[()])/gu, '');
  for (const part of plain.split(PARTS)) {
    const tag = part
      .trim()
      .replace(/\s+/gu, ' ')
      .replace(/[.!?]+$/u, '');
    const words = tag.match(WORD) ?? [];
    if (words.length === 0) continue;
    const isTag = tag.length <= LONGEST_TAG && tag.split(' ').length <= MOST_WORDS;
    if (isTag && (words[0] !== tag || UNSPACED.test(tag))) yield tag;
    for (const word of words) if (word.length >= SHORTEST_WORD && !UNSPACED.test(word)) yield word;
  }
}
