/** The definition of any node of a graph, also of those that the server does not know: subgraphs, groups, primitives. */

import type { Definitions, InputDefinition, NodeDefinition, OutputDefinition, Widget } from './definition';
import { linksFrom } from './graph';
import { groupAsSubgraph } from './groupNodes';
import { listOf } from './json';
import { NOTES, primitiveDefinition, UNCONNECTED_PRIMITIVE } from './ownTypes';
import {
  type Boundary,
  type Graph,
  type GraphNode,
  type Json,
  type NodeId,
  SUBGRAPH_INPUTS,
  type Subgraph,
} from './types';
import { SUBGRAPH_MODULE } from './values';

const MOST_NESTED = 32;

/** A widget inside a subgraph. */
export interface InnerWidget {
  readonly node: NodeId;
  readonly widget: string;
}

/** A widget of an instance: it stands for an input of the subgraph (`input`: which), or for a widget inside. */
export interface Promoted {
  readonly widget: Widget;
  readonly input: number | null;
  readonly inner: InnerWidget;
}

export interface Instance {
  readonly subgraph: Subgraph;
  readonly promoted: readonly Promoted[];
  readonly definition: NodeDefinition;
}

interface Surroundings {
  readonly graph: Graph;
  readonly definitions: Definitions;
  /** The types around a node, from the outside in. */
  readonly around: readonly string[];
}

function widgetWithin(
  inside: Surroundings,
  subgraph: Subgraph,
  { node, widget }: InnerWidget,
): Widget | null {
  const inner = subgraph.body.nodes.get(node);
  const definition = inner === undefined ? null : lookedUp(inside, inner, subgraph);
  const found = definition?.widgets.find(({ name }) => name === widget) ?? null;
  return found === null ? null : { ...found, default: inner?.values.get(widget) ?? found.default };
}

/** The first widget that an input of a subgraph leads to; null if it leads to plain sockets too. */
export function widgetBehind(subgraph: Subgraph, input: number): InnerWidget | null {
  let first: InnerWidget | null = null;
  for (const { target, targetSlot } of linksFrom(subgraph.body, SUBGRAPH_INPUTS, input)) {
    const widget = subgraph.body.nodes.get(target)?.inputs[targetSlot]?.widget ?? null;
    if (widget === null) return null;
    first ??= { node: target, widget };
  }
  return first;
}

function promotedInput(inside: Surroundings, subgraph: Subgraph, input: number): Promoted | null {
  const [boundary, inner] = [subgraph.inputs[input], widgetBehind(subgraph, input)];
  const widget = inner === null ? null : widgetWithin(inside, subgraph, inner);
  if (boundary === undefined || inner === null || widget === null) return null;
  const { name, label } = boundary;
  return { widget: { ...widget, name, label: label ?? name, hasControl: false }, input, inner };
}

function promotedWidget(inside: Surroundings, subgraph: Subgraph, inner: InnerWidget): Promoted | null {
  const widget = widgetWithin(inside, subgraph, inner);
  if (widget === null) return null;
  return { widget: { ...widget, name: `${inner.node}.${inner.widget}` }, input: null, inner };
}

/** The control of a seed is called by its own name in `proxyWidgets`. */
function innerName(inside: Surroundings, subgraph: Subgraph, node: NodeId, told: string): string {
  const inner = subgraph.body.nodes.get(node);
  if (inner === undefined || told !== 'control_after_generate') return told;
  const widgets = lookedUp(inside, inner, subgraph)?.widgets ?? [];
  if (widgets.some(({ name }) => name === told)) return told;
  return widgets.find(({ kind }) => kind === 'control')?.name ?? told;
}

/** The name of a subgraph's input in `proxyWidgets` stands with this in place of a node. */
const ITSELF = '-1';

function proxy(inside: Surroundings, subgraph: Subgraph, told: Json): Promoted | null {
  const [rawNode, rawName] = listOf(told);
  const [node, name] = [String(rawNode ?? ''), String(rawName ?? '')];
  if (node === ITSELF) {
    const at = subgraph.inputs.findIndex((input) => input.name === name);
    return at < 0 ? null : promotedInput(inside, subgraph, at);
  }
  const inner = { node, widget: innerName(inside, subgraph, node, name) };
  const input = subgraph.inputs.findIndex((_, at) => {
    const behind = widgetBehind(subgraph, at);
    return behind?.node === inner.node && behind.widget === inner.widget;
  });
  return input < 0 ? promotedWidget(inside, subgraph, inner) : promotedInput(inside, subgraph, input);
}

/** In the order of the instance's values: as `proxyWidgets` says, then the inputs of the subgraph that it leaves out. */
function promotedOf(inside: Surroundings, subgraph: Subgraph, node: GraphNode): readonly Promoted[] {
  const found = new Map<string, Promoted>();
  const add = (promoted: Promoted | null) => {
    if (promoted !== null && !found.has(promoted.widget.name)) found.set(promoted.widget.name, promoted);
  };
  for (const told of listOf(node.properties.proxyWidgets)) add(proxy(inside, subgraph, told));
  for (const at of subgraph.inputs.keys()) add(promotedInput(inside, subgraph, at));
  return [...found.values()];
}

/** Of a group node every widget inside, node by node. */
function promotedOfGroup(inside: Surroundings, subgraph: Subgraph): readonly Promoted[] {
  return [...subgraph.body.nodes.values()].flatMap((inner) => {
    const widgets = lookedUp(inside, inner, subgraph)?.widgets ?? [];
    return widgets
      .filter(({ kind }) => kind !== 'upload')
      .flatMap(({ name }) => promotedWidget(inside, subgraph, { node: inner.id, widget: name }) ?? []);
  });
}

function inputDefinition({ name, type, label }: Boundary, widget: Widget | null): InputDefinition {
  return { name, type, optional: true, widget, tooltip: '', label: label ?? name };
}

function outputDefinition({ name, type }: Boundary): OutputDefinition {
  return { name, type, isList: false, tooltip: '' };
}

function definitionFor(subgraph: Subgraph, promoted: readonly Promoted[]): NodeDefinition {
  const byInput = new Map(promoted.map(({ input, widget }) => [input, widget]));
  return {
    id: subgraph.id,
    displayName: subgraph.name,
    description: '',
    category: '',
    module: SUBGRAPH_MODULE,
    inputs: subgraph.inputs.map((boundary, at) => inputDefinition(boundary, byInput.get(at) ?? null)),
    outputs: subgraph.outputs.map(outputDefinition),
    widgets: promoted.map(({ widget }) => widget),
    terminal: false,
    deprecated: false,
    experimental: false,
  };
}

function madeInstance(surroundings: Surroundings, node: GraphNode): Instance | null {
  const { graph, definitions, around } = surroundings;
  if (around.includes(node.type) || around.length >= MOST_NESTED) return null;
  const inside = { graph, definitions, around: [...around, node.type] };
  const subgraph = graph.subgraphs.get(node.type);
  if (subgraph !== undefined) {
    const promoted = promotedOf(inside, subgraph, node);
    return { subgraph, promoted, definition: definitionFor(subgraph, promoted) };
  }
  const group = groupAsSubgraph(graph, node.type, (inner) => lookedUp(inside, inner, null));
  if (group === null) return null;
  const promoted = promotedOfGroup(inside, group);
  return { subgraph: group, promoted, definition: definitionFor(group, promoted) };
}

interface Known {
  readonly subgraphs: Graph['subgraphs'];
  readonly groups: Json | undefined;
  readonly definitions: Definitions;
  readonly instance: Instance | null;
}

const known = new WeakMap<GraphNode, Known>();

function instanceWithin(surroundings: Surroundings, node: GraphNode): Instance | null {
  const { graph, definitions } = surroundings;
  const groups = graph.extra.extra;
  const old = known.get(node);
  if (old?.subgraphs === graph.subgraphs && old.groups === groups && old.definitions === definitions) {
    return old.instance;
  }
  const instance = madeInstance(surroundings, node);
  known.set(node, { subgraphs: graph.subgraphs, groups, definitions, instance });
  return instance;
}

/** A primitive has the widget of the first input that it leads to. */
function primitiveWithin(
  surroundings: Surroundings,
  node: GraphNode,
  holder: Pick<Graph, 'nodes' | 'links' | 'reroutes' | 'groups'>,
): NodeDefinition {
  for (const { target, targetSlot } of linksFrom(holder, node.id)) {
    const other = holder.nodes.get(target);
    const name = other?.inputs[targetSlot]?.widget ?? null;
    if (other === undefined || name === null || other.type === node.type) continue;
    const widgets = lookedUp(surroundings, other, null)?.widgets;
    const widget = widgets?.find((candidate) => candidate.name === name);
    if (widget !== undefined) return primitiveDefinition(node, widget);
  }
  return UNCONNECTED_PRIMITIVE;
}

function lookedUp(
  surroundings: Surroundings,
  node: GraphNode,
  inside: Subgraph | null,
): NodeDefinition | null {
  if (node.type === 'PrimitiveNode') {
    return primitiveWithin(surroundings, node, inside?.body ?? surroundings.graph);
  }
  const { definitions } = surroundings;
  const known = NOTES.get(node.type) ?? definitions.get(node.type);
  return known ?? instanceWithin(surroundings, node)?.definition ?? null;
}

/** What an instance of a subgraph (or a group node) stands for, null for every other node. */
export function instanceOf(graph: Graph, node: GraphNode, definitions: Definitions): Instance | null {
  return instanceWithin({ graph, definitions, around: [] }, node);
}

/** What is known of a node: from the server, of its subgraph, or of what a primitive leads to. */
export function definitionOf(graph: Graph, node: GraphNode, definitions: Definitions): NodeDefinition | null {
  return lookedUp({ graph, definitions, around: [] }, node, null);
}
