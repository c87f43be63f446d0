/** Graphs made of prompts: what the server runs, without places, sizes and notes. */

import type { Definitions, NodeDefinition } from './definition';
import { FormatError } from './formatError';
import { isList, isObject, objectOf, wholeNumber } from './json';
import { arrange } from './layout';
import { initialSize } from './measures';
import { initialValue } from './schema';
import {
  EMPTY_GRAPH,
  type Graph,
  type GraphNode,
  type Input,
  type Json,
  type JsonObject,
  type Link,
  type LinkId,
  type NodeId,
  type Output,
} from './types';

/** From the thousandth output of a node no link is believed. */
const MOST_OUTPUTS = 1000;

function isStep(value: Json | undefined): value is JsonObject {
  return isObject(value) && typeof value.class_type === 'string';
}

/** Whether some JSON is a prompt, as it is sent to the server. */
export function isPrompt(data: Json): data is JsonObject {
  return isObject(data) && Object.keys(data).length > 0 && Object.values(data).every(isStep);
}

interface Reference {
  readonly source: NodeId;
  readonly slot: number;
}

function referenceIn(value: Json, prompt: JsonObject): Reference | null {
  if (!isList(value) || value.length !== 2) return null;
  const [source, slot] = [String(value[0]), wholeNumber(value[1])];
  const isLink = typeof value[0] !== 'object' && slot !== undefined && slot >= 0 && slot < MOST_OUTPUTS;
  return isLink && Object.hasOwn(prompt, source) ? { source, slot } : null;
}

/** A list that is no link is wrapped in prompts. */
function literal(value: Json): Json {
  return isObject(value) && isList(value.__value__) ? value.__value__ : value;
}

interface Parts {
  readonly values: ReadonlyMap<string, Json>;
  readonly references: ReadonlyMap<string, Reference>;
}

function partsOf(step: JsonObject, prompt: JsonObject): Parts {
  const values = new Map<string, Json>();
  const references = new Map<string, Reference>();
  for (const [name, value] of Object.entries(objectOf(step.inputs))) {
    const reference = referenceIn(value, prompt);
    if (reference === null) values.set(name, literal(value));
    else references.set(name, reference);
  }
  return { values, references };
}

/** A seed stays as it is, so that the first run gives what the prompt gave. */
function initialValues(definition: NodeDefinition | null): readonly (readonly [string, Json])[] {
  const widgets = definition?.widgets ?? [];
  return widgets.map((widget) => [widget.name, widget.kind === 'control' ? 'fixed' : initialValue(widget)]);
}

function inputsOf(definition: NodeDefinition | null, linked: Iterable<string>): readonly Input[] {
  const known = (definition?.inputs ?? []).map(({ name, type, widget }): Input => {
    return { name, type, widget: widget === null ? null : name, extra: {} };
  });
  const names = new Set(known.map((input) => input.name));
  const others = [...linked].filter((name) => !names.has(name));
  return [...known, ...others.map((name): Input => ({ name, type: '*', widget: null, extra: {} }))];
}

function outputsOf(definition: NodeDefinition | null, needed: number): readonly Output[] {
  const known = (definition?.outputs ?? []).map(({ name, type }): Output => ({ name, type, extra: {} }));
  const missing = Math.max(0, needed - known.length);
  const others = Array.from({ length: missing }, (_, at): Output => {
    return { name: `output ${known.length + at}`, type: '*', extra: {} };
  });
  return [...known, ...others];
}

function titleOf(step: JsonObject, definition: NodeDefinition | null): string | null {
  const { title } = objectOf(step._meta);
  const shown = [definition?.displayName ?? step.class_type, definition?.originalName];
  return typeof title === 'string' && title !== '' && !shown.includes(title) ? title : null;
}

function nodeOf(
  id: NodeId,
  step: JsonObject,
  parts: Parts,
  definition: NodeDefinition | null,
  outputs: number,
): GraphNode {
  const type = String(step.class_type);
  const node: GraphNode = {
    id,
    type,
    title: titleOf(step, definition),
    pos: [0, 0],
    size: [0, 0],
    mode: 0,
    collapsed: false,
    color: null,
    bgcolor: null,
    inputs: inputsOf(definition, parts.references.keys()),
    outputs: outputsOf(definition, outputs),
    values: definition === null ? new Map() : new Map([...initialValues(definition), ...parts.values]),
    stored: definition === null ? Object.fromEntries(parts.values) : null,
    properties: { 'Node name for S&R': type },
    extra: {},
  };
  return { ...node, size: initialSize(node, definition) };
}

/** How many outputs of each node are linked from. */
function outputsNeeded(all: ReadonlyMap<NodeId, Parts>): ReadonlyMap<NodeId, number> {
  const needed = new Map<NodeId, number>();
  for (const { references } of all.values()) {
    for (const { source, slot } of references.values()) {
      needed.set(source, Math.max(needed.get(source) ?? 0, slot + 1));
    }
  }
  return needed;
}

function linksOf(
  all: ReadonlyMap<NodeId, Parts>,
  nodes: ReadonlyMap<NodeId, GraphNode>,
): ReadonlyMap<LinkId, Link> {
  const links = new Map<LinkId, Link>();
  for (const [target, { references }] of all) {
    for (const [name, { source, slot }] of references) {
      const targetSlot = nodes.get(target)?.inputs.findIndex((input) => input.name === name) ?? 0;
      const type = nodes.get(source)?.outputs[slot]?.type ?? '*';
      const id = links.size + 1;
      links.set(id, { id, source, sourceSlot: slot, target, targetSlot, type, reroute: null, extra: {} });
    }
  }
  return links;
}

/** Laid out, as a prompt says nothing of places. Throws a FormatError for what is no prompt. */
export function graphFromPrompt(data: Json, definitions: Definitions): Graph {
  if (!isPrompt(data)) throw new FormatError('format.notAWorkflow');
  const steps = Object.entries(data).filter((step): step is [string, JsonObject] => isStep(step[1]));
  const all = new Map(steps.map(([id, step]) => [id, partsOf(step, data)]));
  const needed = outputsNeeded(all);
  const nodes = new Map<NodeId, GraphNode>();
  for (const [id, step] of steps) {
    const definition = definitions.get(String(step.class_type)) ?? null;
    const parts = all.get(id) ?? { values: new Map(), references: new Map() };
    nodes.set(id, nodeOf(id, step, parts, definition, needed.get(id) ?? 0));
  }
  const links = linksOf(all, nodes);
  const numbers = steps.map(([id]) => wholeNumber(id) ?? 0);
  const lastNodeId = numbers.reduce((most, number) => Math.max(most, number), 0);
  return arrange({ ...EMPTY_GRAPH, nodes, links, lastNodeId, lastLinkId: links.size }, definitions);
}
