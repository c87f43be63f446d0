/** What packs say of their nodes in the languages they know: texts by the id of a node, not by what is translated. */

import type { NodeDefinition, Widget } from './definition';
import { objectOf } from './json';
import type { Json } from './types';

interface Said {
  readonly name?: string;
  readonly tooltip?: string;
}

export interface NodeWords {
  readonly name?: string;
  readonly description?: string;
  /** By the name of an input. */
  readonly inputs: Readonly<Record<string, Said>>;
  /** By the position of an output. */
  readonly outputs: Readonly<Record<string, Said>>;
}

export interface PackWords {
  /** By the id of a kind of node. */
  readonly nodes: ReadonlyMap<string, NodeWords>;
  /** By the part of a category. */
  readonly categories: ReadonlyMap<string, string>;
}

export const NO_PACK_WORDS: PackWords = { nodes: new Map(), categories: new Map() };

/** The words of a language in what the server answers at `/i18n`; whatever does not belong there is passed over. */
export function packWordsIn(answer: Json, locale: string): PackWords {
  const told = objectOf(memberOf(answer, locale));
  const nodes = new Map(
    Object.entries(objectOf(told.nodeDefs)).map(([id, words]) => [id, nodeWords(words)] as const),
  );
  const categories = new Map(
    Object.entries(objectOf(told.nodeCategories)).flatMap(([part, name]) =>
      typeof name === 'string' && name !== '' ? [[part, name] as const] : [],
    ),
  );
  return nodes.size + categories.size === 0 ? NO_PACK_WORDS : { nodes, categories };
}

function memberOf(from: Json | undefined, name: string): Json | undefined {
  const found = objectOf(from);
  return Object.hasOwn(found, name) ? found[name] : undefined;
}

function nodeWords(raw: Json): NodeWords {
  const words = objectOf(raw);
  return {
    ...textAs('name', words.display_name),
    ...textAs('description', words.description),
    inputs: saidBy(words.inputs),
    outputs: saidBy(words.outputs),
  };
}

function saidBy(raw: Json | undefined): Readonly<Record<string, Said>> {
  return Object.fromEntries(
    Object.entries(objectOf(raw)).map(([name, each]) => {
      const { name: called, tooltip } = objectOf(each);
      return [name, { ...textAs('name', called), ...textAs('tooltip', tooltip) }];
    }),
  );
}

function textAs<Name extends string>(
  name: Name,
  value: Json | undefined,
): { readonly [Key in Name]?: string } {
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as { [Key in Name]?: string };
}

/** A definition as its pack tells it; the same object where that says nothing of it. */
export function asTold(definition: NodeDefinition, { nodes, categories }: PackWords): NodeDefinition {
  const words = nodes.get(definition.id);
  const category = definition.category
    .split('/')
    .map((part) => categories.get(part) ?? part)
    .join('/');
  if (words === undefined && category === definition.category) return definition;
  const widgetAs = (widget: Widget): Widget => ({ ...widget, ...labelled(words?.inputs[widget.name]) });
  return {
    ...definition,
    displayName: words?.name ?? definition.displayName,
    originalName: definition.originalName ?? definition.displayName,
    description: words?.description ?? definition.description,
    category,
    originalCategory: definition.originalCategory ?? definition.category,
    inputs: definition.inputs.map((input) => ({
      ...input,
      ...labelled(words?.inputs[input.name]),
      widget: input.widget === null ? null : widgetAs(input.widget),
    })),
    outputs: definition.outputs.map((output, at) => ({ ...output, ...labelled(words?.outputs[String(at)]) })),
    widgets: definition.widgets.map(widgetAs),
  };
}

function labelled(said: Said | undefined): { readonly label?: string; readonly tooltip?: string } {
  return {
    ...(said?.name === undefined ? {} : { label: said.name }),
    ...(said?.tooltip === undefined ? {} : { tooltip: said.tooltip }),
  };
}
