/** What may complete a prompt at the cursor, and the text that picking it makes. */

import { escaped } from '../../model/promptLanguage';
import { EMBEDDING, type Embeddings } from '../../model/promptTokens';
import { SEPARATORS, UNSPACED, type Used } from './usedWords';

/** What a completion takes the place of. */
interface Place {
  readonly from: number;
  readonly to: number;
}

interface Typed extends Place {
  readonly typed: string;
}

/** What is being typed: a name that was asked for, or words. `tag`: the tag so far, of which the word is the end. */
export type Query =
  | (Typed & { readonly kind: 'embedding' })
  | (Typed & { readonly kind: 'lora'; readonly strength: number | null })
  | (Typed & { readonly kind: 'words'; readonly tag: Omit<Typed, 'to'> });

export interface Suggestion extends Place {
  readonly kind: 'embedding' | 'lora' | 'used';
  /** As it is shown: the name of a file, or words. */
  readonly text: string;
  readonly insert: string;
  /** Of an embedding its vectors, of words how often they are used; null where that is not known. */
  readonly count: number | null;
}

export interface Knowledge {
  readonly embeddings: Embeddings;
  readonly loras: readonly string[];
  readonly used: readonly Used[];
}

const LORA = /<lora:([^<>\n]*)$/iu;
const LORA_REST = /^[^<>\s,]*>/u;
const STRENGTH = /^(.*?):([+-]?(?:\d+\.?\d*|\.\d+)?)$/u;
const NAMED = /(?:^|[\s(,{|])embedding:([^\s,()]*)$/u;
const NAME_REST = /^[^\s,():{|}]*/u;
const WORD = /[\p{L}\p{N}_'’-]+$/u;
const IN_WORD = /^[\p{L}\p{N}_]/u;
const IN_TAG = /<[^<>\n]*$/u;
const TAG = new RegExp(`[^${SEPARATORS}]*$`, 'u');
const SEPARATOR = new RegExp(`[${SEPARATORS}]`, 'u');
const MOST_NAMED = 60;
const MOST_EMBEDDINGS = 4;
const MOST_TAGS = 5;
const MOST_USED = 8;

/** What is typed at a place in a prompt; null where nothing can be completed. */
export function queryAt(text: string, at: number): Query | null {
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const lora = LORA.exec(before);
  if (lora !== null) {
    const inner = lora[1] ?? '';
    const [, typed = '', strength = ''] = STRENGTH.exec(inner) ?? ['', inner];
    const number = Number.parseFloat(strength);
    const to = at + (LORA_REST.exec(after)?.[0].length ?? 0);
    return { kind: 'lora', from: lora.index, to, typed, strength: Number.isFinite(number) ? number : null };
  }
  const name = NAMED.exec(before)?.[1];
  if (name === undefined) return wordsAt(before, after);
  const to = at + (NAME_REST.exec(after)?.[0].length ?? 0);
  return { kind: 'embedding', from: at - name.length - EMBEDDING.length, to, typed: name };
}

function wordsAt(before: string, after: string): Query | null {
  const at = before.length;
  const typed = WORD.exec(before)?.[0] ?? '';
  const letters = typed.match(/\p{L}/gu)?.length ?? 0;
  if (letters < (UNSPACED.test(typed) ? 1 : 2) || IN_WORD.test(after) || IN_TAG.test(before)) return null;
  const tag = (TAG.exec(before)?.[0] ?? '').trimStart();
  return {
    kind: 'words',
    from: at - typed.length,
    to: at,
    typed,
    tag: { from: at - tag.length, typed: tag },
  };
}

/** The text without the tag at the cursor, which is none that was used already. */
export function withoutTagAt(text: string, query: Query): string {
  if (query.kind !== 'words') return text;
  const rest = text.slice(query.to);
  const end = rest.search(SEPARATOR);
  return `${text.slice(0, query.tag.from)},${end < 0 ? '' : rest.slice(end)}`;
}

/** What completes it, the best first. */
export function suggestionsFor(text: string, query: Query, known: Knowledge): readonly Suggestion[] {
  const { typed } = query;
  if (query.kind === 'lora')
    return namesWith(known.loras, typed).map((name) => suggestion('lora', name, query, '', null));
  const names = [...known.embeddings.keys()];
  if (query.kind === 'embedding') return embeddingsOf(text, query, known, names);
  const isBegin = /(?:^|[\s(,{|])$/u.test(text.slice(0, query.from));
  const begun = isBegin ? names.filter((name) => beginsWith(name, typed)) : [];
  return [
    ...embeddingsOf(text, query, known, begun).slice(0, MOST_EMBEDDINGS),
    ...usedFor(query, known.used),
  ];
}

/** A name ends at a space or a comma, so that one with such a letter in it cannot be written. */
function embeddingsOf(
  text: string,
  query: Query,
  { embeddings }: Knowledge,
  names: readonly string[],
): readonly Suggestion[] {
  const writable = names.filter((name) => !/[\s,]/u.test(name));
  // It is only read as one at the beginning of a word, so that a comma needs a space behind it.
  const space = text[query.from - 1] === ',' ? ' ' : '';
  return namesWith(writable, query.typed).map((name) => {
    const insert = `${space}${EMBEDDING}${escaped(name)}`;
    return suggestion('embedding', name, query, insert, embeddings.get(name) ?? null);
  });
}

/** Tags that go on as the whole tag or as its last word does, then words; each the most used first. */
function usedFor(
  { typed, from, to, tag }: Extract<Query, { kind: 'words' }>,
  used: readonly Used[],
): readonly Suggestion[] {
  const goesOn = (text: string, so: string): boolean =>
    text.length > so.length && text.toLowerCase().startsWith(so.toLowerCase());
  const fitting = used.flatMap(({ text, uses }) => {
    if (tag.typed !== typed && goesOn(text, tag.typed))
      return suggestion('used', text, { from: tag.from, to }, escaped(text), uses);
    return goesOn(text, typed) ? suggestion('used', text, { from, to }, escaped(text), uses) : [];
  });
  const isTag = (each: Suggestion): boolean => each.text.includes(' ');
  const tags = fitting.filter(isTag).slice(0, MOST_TAGS);
  return [...tags, ...fitting.filter((each) => !isTag(each))].slice(0, MOST_USED);
}

function suggestion(
  kind: Suggestion['kind'],
  text: string,
  { from, to }: Place,
  insert: string,
  count: number | null,
): Suggestion {
  return { kind, text, from, to, insert, count };
}

/** Whether a name, or the file behind its folders, begins with what was typed. */
function beginsWith(name: string, typed: string): boolean {
  const [lower, wanted] = [name.toLowerCase(), typed.toLowerCase()];
  return lower.startsWith(wanted) || (lower.split('/').at(-1) ?? '').startsWith(wanted);
}

/** Those that hold what was typed, first those that begin with it. */
function namesWith(names: readonly string[], typed: string): readonly string[] {
  const wanted = typed.toLowerCase();
  const holding = names.filter((name) => name.toLowerCase().includes(wanted));
  const isFirst = (name: string): boolean => beginsWith(name, typed);
  return [...holding.filter(isFirst), ...holding.filter((name) => !isFirst(name))].slice(0, MOST_NAMED);
}

/** The text with a suggestion in it, and where the cursor stands then. */
export function completed(
  text: string,
  { from, to, insert }: Suggestion,
): { readonly text: string; readonly at: number } {
  return { text: text.slice(0, from) + insert + text.slice(to), at: from + insert.length };
}
