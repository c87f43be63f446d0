/** Definitions of nodes in another language: what is shown is translated, what is stored and sent never is. */

import type { Definitions, InputDefinition, NodeDefinition, OutputDefinition, Widget } from './definition';
import { asTold, NO_PACK_WORDS, type PackWords } from './packWords';
import type { Json, JsonObject } from './types';

/** Translations by the very text the server told. */
export type Words = Readonly<Record<string, string>>;

export const NO_WORDS: Words = {};

type Made = WeakMap<NodeDefinition, NodeDefinition>;
const known = new WeakMap<Words, WeakMap<PackWords, Made>>();

function madeWith(words: Words, packs: PackWords): Made {
  const ofWords = known.get(words) ?? new WeakMap<PackWords, Made>();
  known.set(words, ofWords);
  const made: Made = ofWords.get(packs) ?? new WeakMap();
  ofWords.set(packs, made);
  return made;
}

/**
 * All of them in these words, and where their packs say how they are called, in those; a definition stays the same object
 * as long as it and the words do.
 */
export function spoken(
  definitions: Definitions,
  words: Words,
  packs: PackWords = NO_PACK_WORDS,
): Definitions {
  if (words === NO_WORDS && packs === NO_PACK_WORDS) return definitions;
  const made = madeWith(words, packs);
  const all = new Map<string, NodeDefinition>();
  for (const [id, definition] of definitions) {
    const plain = words === NO_WORDS ? definition : null;
    const found =
      made.get(definition) ?? packed(plain ?? spokenDefinition(definition, words), definition, packs);
    made.set(definition, found);
    all.set(id, found);
  }
  return all;
}

/** A pack knows its own nodes better than a list of words; its categories stand by the names that the server tells. */
function packed(translated: NodeDefinition, definition: NodeDefinition, packs: PackWords): NodeDefinition {
  const told = asTold({ ...translated, category: definition.category }, packs);
  return told.category === definition.category ? { ...told, category: translated.category } : told;
}

function spokenDefinition(definition: NodeDefinition, words: Words): NodeDefinition {
  const inputs = definition.inputs.map((input) => spokenInput(input, words));
  return {
    ...definition,
    displayName: said(words, definition.displayName),
    originalName: definition.displayName,
    description: said(words, definition.description),
    category: definition.category
      .split('/')
      .map((part) => said(words, part))
      .join('/'),
    originalCategory: definition.category,
    inputs,
    outputs: definition.outputs.map((output) => spokenOutput(output, words)),
    widgets: definition.widgets.map((widget) => spokenWidget(widget, words)),
  };
}

function spokenInput(input: InputDefinition, words: Words): InputDefinition {
  return {
    ...input,
    label: said(words, input.label || input.name),
    tooltip: said(words, input.tooltip),
    widget: input.widget === null ? null : spokenWidget(input.widget, words),
  };
}

function spokenWidget(widget: Widget, words: Words): Widget {
  return {
    ...widget,
    label: said(words, widget.label || widget.name),
    tooltip: said(words, widget.tooltip),
  };
}

function spokenOutput(output: OutputDefinition, words: Words): OutputDefinition {
  return { ...output, label: said(words, output.name), tooltip: said(words, output.tooltip) };
}

function said(words: Words, text: string): string {
  return Object.hasOwn(words, text) ? (words[text] ?? text) : text;
}

/** A ready workflow with the titles of its nodes in these words. */
export function spokenTemplate(template: Json, words: Words): Json {
  if (words === NO_WORDS || !isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([id, step]) => [id, isObject(step) ? spokenStep(step, words) : step]),
  );
}

function spokenStep(step: JsonObject, words: Words): JsonObject {
  const about = step._meta;
  if (!isObject(about) || typeof about.title !== 'string') return step;
  return { ...step, _meta: { ...about, title: said(words, about.title) } };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
