/** Finds node definitions by words: each one must be somewhere (name, kind, types, category, pack); best first. */

import { type NodeDefinition, packOf } from '../model/definition';

/** What is searched of a definition, made once for each. */
interface Entry {
  readonly name: string;
  readonly all: string;
}

/** What the nodes of the program itself are said to come from. */
export const OWN_PACK = 'Nodeloom';
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;

const entries = new WeakMap<NodeDefinition, Entry>();

/** Of what may be linked to it. */
function typesOf({ inputs, outputs }: NodeDefinition): readonly string[] {
  return [
    ...new Set([...inputs.filter(({ widget }) => widget === null), ...outputs].map(({ type }) => type)),
  ];
}

function entryOf(definition: NodeDefinition): Entry {
  const found = entries.get(definition);
  if (found !== undefined) return found;
  const name = definition.displayName.toLowerCase();
  const parts = [name, definition.id, definition.category, definition.description, definition.module];
  parts.push(definition.originalName ?? '', definition.originalCategory ?? '', ...(definition.aliases ?? []));
  parts.push(packOf(definition) ?? OWN_PACK, ...typesOf(definition));
  const made = { name, all: parts.join('\n').toLowerCase() };
  entries.set(definition, made);
  return made;
}

/** The definitions that hold every word of the text, best first. */
export function found(
  definitions: Iterable<NodeDefinition>,
  text: string,
  recent: readonly string[],
): readonly NodeDefinition[] {
  const words = text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  const scored: { readonly definition: NodeDefinition; readonly score: number }[] = [];
  for (const definition of definitions) {
    const entry = entryOf(definition);
    if (words.every((word) => entry.all.includes(word))) {
      scored.push({ definition, score: score(definition, entry, words, recent) });
    }
  }
  scored.sort(
    (a, b) => b.score - a.score || a.definition.displayName.localeCompare(b.definition.displayName),
  );
  return scored.map((each) => each.definition);
}

function score(
  definition: NodeDefinition,
  entry: Entry,
  words: readonly string[],
  recent: readonly string[],
): number {
  const place = recent.indexOf(definition.id);
  const lately = place < 0 ? 0 : 8 - place / 4;
  const kept = (definition.deprecated ? -30 : 0) + (definition.experimental ? -2 : 0);
  return words.reduce((sum, word) => sum + scoreOfWord(definition, entry, word), lately + kept);
}

function scoreOfWord(definition: NodeDefinition, entry: Entry, word: string): number {
  if (entry.name === word) return 30;
  if (entry.name.startsWith(word)) return 20;
  if (entry.name.split(BETWEEN_WORDS).some((part) => part.startsWith(word))) return 14;
  if (entry.name.includes(word) || definition.id.toLowerCase().includes(word)) return 9;
  if (definition.aliases?.some((alias) => alias.toLowerCase().includes(word)) === true) return 8;
  return 1;
}
