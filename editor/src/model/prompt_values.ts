/** The value of a widget as the server gets it. */

import type { NodeDefinition, Widget } from './definition';
import { type Random, withChoicesMade } from './dynamicPrompts';
import { fittedToStep } from './fit';
import { isList, stringifyJson } from './json';
import { definitionIn, type RunNode, type Scope, valueIn } from './prompt_scopes';
import type { Source } from './prompt_sources';
import { type Replacements, withReplacements } from './textReplacements';
import type { GraphNode, Json } from './types';

/** What one prompt is made with. `chosen`: a text with choices that several inputs get reads the same in all. */
export interface Making {
  readonly random: Random;
  readonly now: Date;
  readonly chosen: Map<string, string>;
}

const NAME = 'Node name for S&R';
const REPLACES = 'Run widget replace on values';
const FILE_NAME = 'filename_prefix';

function displayedName(node: GraphNode, definition: NodeDefinition | null): readonly string[] {
  if (definition === null) return [node.type];
  const { displayName, originalName } = definition;
  return [node.type, displayName, ...(originalName === undefined ? [] : [originalName])];
}

/** By its name for this purpose, else by its title, else by what it is shown as. */
function named(scope: Scope, name: string): GraphNode | undefined {
  const nodes = [...scope.body.nodes.values()];
  return (
    nodes.find((node) => node.properties[NAME] === name) ??
    nodes.find((node) => node.title === name) ??
    nodes.find((node) => displayedName(node, definitionIn(scope, node)).includes(name))
  );
}

function replacements(scope: Scope, now: Date): Replacements {
  const value = (name: string, widget: string): Json | undefined => {
    for (let around: Scope | undefined = scope; around !== undefined; around = around.outer?.scope) {
      const node = named(around, name);
      const found = node && valueIn(around, node, widget);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return { value, now };
}

/** The text in an area for texts, whatever the file had there. */
function asText(value: Json): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : stringifyJson(value);
}

/** A list must not be taken for a link. */
export function unlinked(value: Json): Json {
  return isList(value) ? { __value__: value } : value;
}

function primitiveValue(source: Source & { kind: 'primitive' }, widget: Widget, making: Making): Json {
  const { value, node, scope } = source;
  const isReplaced = typeof value === 'string' && node.properties[REPLACES] === true;
  return fittedToStep(widget, isReplaced ? withReplacements(value, replacements(scope, making.now)) : value);
}

function withChoices(text: string, source: Source | null, making: Making): string {
  if (source?.kind !== 'value') return withChoicesMade(text, making.random);
  const known = making.chosen.get(source.by) ?? withChoicesMade(text, making.random);
  making.chosen.set(source.by, known);
  return known;
}

/** Undefined for a widget of which nothing is known. */
export function sentValue(
  run: RunNode,
  widget: Widget,
  source: Source | null,
  making: Making,
): Json | undefined {
  const { scope, node, definition } = run;
  const told = source?.kind === 'primitive' ? primitiveValue(source, widget, making) : undefined;
  const given = told ?? (source?.kind === 'value' ? source.value : valueIn(scope, node, widget.name));
  if (given === undefined) return undefined;
  const value = widget.multiline ? asText(given) : given;
  if (typeof value !== 'string') return unlinked(value);
  if (widget.dynamicPrompts) return withChoices(value, source, making);
  const isFileName = widget.name === FILE_NAME && definition?.terminal === true;
  return isFileName ? withReplacements(value, replacements(scope, making.now)) : value;
}
