/** Makes of a graph what the server runs: the nodes that do something, with their values and what they are linked to. */

import type { Definitions, Widget } from './definition';
import type { Random } from './dynamicPrompts';
import { isObject, objectOf } from './json';
import { outermost, type RunNode, runNodes } from './prompt_scopes';
import { type Source, sourceOf } from './prompt_sources';
import { type Making, sentValue, unlinked } from './prompt_values';
import type { Graph, GraphNode, Json, JsonObject, NodeId } from './types';

/** Where a node of the prompt is in the graph: the instances around it, and its own id. */
export interface Origin {
  readonly path: readonly NodeId[];
  readonly node: NodeId;
}

export interface Prompt {
  readonly prompt: JsonObject;
  /** By the id in the prompt. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface PromptOptions {
  readonly random?: Random;
  readonly now?: Date;
}

function isSent({ kind }: Widget): boolean {
  return kind !== 'control' && kind !== 'upload';
}

function typeOf({ node, definition }: RunNode, slot: number): string {
  const input = node.inputs[slot];
  return definition?.inputs.find(({ name }) => name === input?.name)?.type ?? input?.type ?? '*';
}

function sourcesOf(run: RunNode): ReadonlyMap<string, Source> {
  const found = new Map<string, Source>();
  for (const [slot, { name }] of run.node.inputs.entries()) {
    const source = sourceOf(run.scope, run.node, slot, typeOf(run, slot));
    if (source !== null && !found.has(name)) found.set(name, source);
  }
  return found;
}

/** What the API form says of a node and an editor has no place for stands under this property, and is sent as it was. */
const KEPT = 'nodeloom.api';

function keptOf({ properties }: GraphNode, part: 'inputs' | 'extra'): JsonObject {
  return objectOf(objectOf(properties[KEPT])[part]);
}

function keptInputs({ node, definition }: RunNode): Iterable<readonly [string, Json]> {
  const known = new Set(definition?.widgets.map((widget) => widget.name));
  return Object.entries(keptOf(node, 'inputs')).filter(([name]) => !known.has(name));
}

/** Values that no widget stands for: of a node that the server does not know, or has changed since. */
function otherValues({ values, stored }: GraphNode, run: RunNode): Iterable<readonly [string, Json]> {
  if (run.definition === null) return isObject(stored) ? Object.entries(stored) : values;
  const known = new Set(run.definition.widgets.map((widget) => widget.name));
  return [...values].filter(([name]) => !known.has(name));
}

function inputsOf(run: RunNode, making: Making): JsonObject {
  const sources = sourcesOf(run);
  const inputs = new Map<string, Json>();
  for (const [name, value] of keptInputs(run)) inputs.set(name, unlinked(value));
  for (const [name, value] of otherValues(run.node, run)) inputs.set(name, unlinked(value));
  for (const widget of run.definition?.widgets.filter(isSent) ?? []) {
    const value = sentValue(run, widget, sources.get(widget.name) ?? null, making);
    if (value !== undefined) inputs.set(widget.name, value);
  }
  for (const [name, source] of sources) {
    if (source.kind === 'output') inputs.set(name, [source.id, source.slot]);
    else if (source.kind === 'value' && !inputs.has(name)) inputs.set(name, unlinked(source.value));
  }
  return Object.fromEntries(inputs);
}

function entry(run: RunNode, making: Making): JsonObject {
  const { node, definition } = run;
  const title = node.title ?? definition?.originalName ?? definition?.displayName ?? node.type;
  const { _meta, ...extra } = keptOf(node, 'extra');
  return {
    ...extra,
    inputs: inputsOf(run, making),
    class_type: node.type,
    _meta: { ...objectOf(_meta), title },
  };
}

/** Throws a FormatError for subgraphs that hold themselves or make too many nodes. */
export function toPrompt(graph: Graph, definitions: Definitions, options: PromptOptions = {}): Prompt {
  const making = { random: Math.random, now: new Date(), ...options, chosen: new Map<string, string>() };
  const prompt = new Map<string, Json>();
  const origins = new Map<string, Origin>();
  for (const run of runNodes(outermost(graph, definitions))) {
    const id = run.scope.prefix + run.node.id;
    prompt.set(id, entry(run, making));
    origins.set(id, { path: run.scope.path, node: run.node.id });
  }
  return { prompt: Object.fromEntries(prompt), origins };
}
