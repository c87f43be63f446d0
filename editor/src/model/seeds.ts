/** What happens to seeds from run to run: fixed, counted up or down, or drawn anew. */

import type { Control, Definitions, Widget } from './definition';
import { CONTROLS, controlOf } from './definition';
import { exact, wholeOf } from './fit';
import { linkInto, linksFrom } from './graph';
import { type InnerWidget, instanceOf } from './instances';
import type { Body, Graph, GraphNode, Json, NodeId, Subgraph } from './types';
import { PRIMITIVE_VALUE } from './values';

/** Seeds are drawn below this, as other programs read numbers of files as doubles. */
const DRAWN_BELOW = 2n ** 53n;
const MOST_NESTED = 32;

type Random = () => bigint;

interface Context {
  readonly graph: Graph;
  readonly definitions: Definitions;
  readonly random: Random;
}

function drawn(low: bigint, high: bigint | null, step: bigint, random: Random): bigint {
  const top = high === null || high >= low + DRAWN_BELOW ? low + DRAWN_BELOW - 1n : high;
  const steps = (top - low) / step + 1n;
  const number = random();
  return low + ((number < 0n ? -number : number) % (steps < 1n ? 1n : steps)) * step;
}

function counted(value: bigint, low: bigint | null, high: bigint | null): bigint {
  if (low !== null && value < low) return low;
  return high !== null && value > high ? high : value;
}

function nextNumber(widget: Widget, value: Json, control: Control, random: Random): Json {
  const low = widget.minimum === null ? null : wholeOf(widget.minimum);
  const high = widget.maximum === null ? null : wholeOf(widget.maximum);
  const told = wholeOf(widget.step ?? 1) ?? 1n;
  const step = told > 1n ? told : 1n;
  if (control === 'randomize') return exact(drawn(low ?? 0n, high, step, random));
  const now = wholeOf(value) ?? low ?? 0n;
  return exact(counted(control === 'increment' ? now + step : now - step, low, high));
}

function nextChoice(widget: Widget, value: Json, control: Control, random: Random): Json {
  const count = BigInt(widget.choices.length);
  if (count === 0n) return value;
  if (control === 'randomize') return widget.choices[Number(drawn(0n, count - 1n, 1n, random))] ?? value;
  const at = widget.choices.indexOf(value) + (control === 'increment' ? 1 : -1);
  return widget.choices[Math.min(Math.max(at, 0), widget.choices.length - 1)] ?? value;
}

function nextValue(widget: Widget, value: Json, told: Json | undefined, random: Random): Json {
  const control = CONTROLS.find((candidate) => candidate === told) ?? 'fixed';
  if (control === 'fixed') return value;
  if (widget.kind === 'choice') return nextChoice(widget, value, control, random);
  return widget.kind === 'integer' ? nextNumber(widget, value, control, random) : value;
}

function isLinked(body: Body, node: GraphNode, widget: string): boolean {
  const slot = node.inputs.findIndex((input) => input.widget === widget);
  return slot >= 0 && linkInto(body, node.id, slot) !== null;
}

type Changes = Map<string, Json>;

function ownSeeds(context: Context, body: Body, node: GraphNode, changes: Changes): void {
  for (const widget of context.definitions.get(node.type)?.widgets ?? []) {
    if (!widget.hasControl || isLinked(body, node, widget.name)) continue;
    const value = node.values.get(widget.name) ?? widget.default;
    changes.set(
      widget.name,
      nextValue(widget, value, node.values.get(controlOf(widget.name)), context.random),
    );
  }
}

/** A seed that an instance shows, as it lies in the node that it is of. */
interface Leaf {
  readonly widget: Widget;
  readonly value: Json;
  readonly control: Json | undefined;
}

/** Goes inwards through all instances until a widget of a node of the server; nearer values go before. */
function leafOf(context: Context, subgraph: Subgraph, inner: InnerWidget, depth = 0): Leaf | null {
  const node = subgraph.body.nodes.get(inner.node);
  if (node === undefined || depth > MOST_NESTED) return null;
  const own = node.values.get(inner.widget);
  const control = node.values.get(controlOf(inner.widget));
  const known = context.definitions.get(node.type);
  if (known !== undefined) {
    const widget = known.widgets.find(({ name }) => name === inner.widget);
    return widget?.hasControl === true ? { widget, value: own ?? widget.default, control } : null;
  }
  const instance = instanceOf(context.graph, node, context.definitions);
  const behind = instance?.promoted.find(({ widget }) => widget.name === inner.widget);
  if (!instance || behind === undefined) return null;
  const leaf = leafOf(context, instance.subgraph, behind.inner, depth + 1);
  return leaf && { ...leaf, value: own ?? leaf.value, control: control ?? leaf.control };
}

/**
 * Seeds of nodes inside that an instance of a subgraph or a group node shows, as inputs or as widgets of its own.
 *
 * The control inside counts unless the instance has its own.
 */
function promotedSeeds(context: Context, body: Body, node: GraphNode, changes: Changes): void {
  const instance = instanceOf(context.graph, node, context.definitions);
  for (const { widget, inner } of instance?.promoted ?? []) {
    const leaf = instance && leafOf(context, instance.subgraph, inner);
    if (!leaf || isLinked(body, node, widget.name)) continue;
    const value = node.values.get(widget.name) ?? leaf.value;
    const control = node.values.get(controlOf(widget.name)) ?? leaf.control;
    const next = nextValue(leaf.widget, value, control, context.random);
    if (!Object.is(next, value)) changes.set(widget.name, next);
  }
}

/** The value of a primitive node, within the bounds of the first widget it is connected to. */
function primitiveSeed(context: Context, body: Body, node: GraphNode, changes: Changes): void {
  if (node.type !== 'PrimitiveNode') return;
  const value = node.values.get(PRIMITIVE_VALUE);
  const [link] = linksFrom(body, node.id);
  const target = link && body.nodes.get(link.target);
  const name = link && target?.inputs[link.targetSlot]?.widget;
  const known = target && context.definitions.get(target.type)?.widgets;
  const widget = known?.find((candidate) => candidate.name === name);
  if (widget === undefined || value === undefined) return;
  const control = node.values.get(controlOf(PRIMITIVE_VALUE));
  changes.set(PRIMITIVE_VALUE, nextValue(widget, value, control, context.random));
}

function advancedNode(context: Context, body: Body, node: GraphNode): GraphNode {
  const changes: Changes = new Map();
  ownSeeds(context, body, node, changes);
  promotedSeeds(context, body, node, changes);
  primitiveSeed(context, body, node, changes);
  const isChanged = [...changes].some(([name, value]) => !Object.is(node.values.get(name), value));
  return isChanged ? { ...node, values: new Map([...node.values, ...changes]) } : node;
}

function advancedBody<Part extends Body>(context: Context, body: Part): Part {
  let nodes: Map<NodeId, GraphNode> | null = null;
  for (const node of body.nodes.values()) {
    const advanced = advancedNode(context, body, node);
    if (advanced === node) continue;
    nodes ??= new Map(body.nodes);
    nodes.set(node.id, advanced);
  }
  return nodes === null ? body : { ...body, nodes };
}

/**
 * The graph with the seeds that follow, those of subgraphs included; linked ones stay.
 *
 * Callers tell at which end of a run they ask; what follows a seed is the same at both.
 */
export function advanced(
  graph: Graph,
  definitions: Definitions,
  random: Random,
  _when: 'before' | 'after' = 'after',
): Graph {
  const context = { graph, definitions, random };
  const subgraphs = new Map(graph.subgraphs);
  let isChanged = false;
  for (const [id, subgraph] of graph.subgraphs) {
    const body = advancedBody(context, subgraph.body);
    if (body === subgraph.body) continue;
    subgraphs.set(id, { ...subgraph, body });
    isChanged = true;
  }
  const outer = advancedBody(context, graph);
  return isChanged ? { ...outer, subgraphs } : outer;
}
