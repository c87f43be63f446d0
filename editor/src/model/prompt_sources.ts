/** Where an input gets what it takes: along its link through reroutes, bypassed nodes and subgraphs. */

import { typesFit } from './connect';
import { linkInto } from './graph';
import { definitionIn, inside, instanceIn, type Outer, type Scope, valueIn } from './prompt_scopes';
import {
  BYPASSED,
  type GraphNode,
  type Json,
  MUTED,
  type NodeId,
  SUBGRAPH_INPUTS,
  SUBGRAPH_OUTPUTS,
} from './types';
import { isOwnType, PRIMITIVE_VALUE } from './values';

/** `by`: who gave a value, a primitive or an instance of a subgraph; several inputs may get one value. */
export type Source =
  | { readonly kind: 'output'; readonly id: string; readonly slot: number }
  | { readonly kind: 'value'; readonly value: Json; readonly by: string }
  | {
      readonly kind: 'primitive';
      readonly value: Json;
      readonly node: GraphNode;
      readonly scope: Scope;
    };

interface Search {
  /** Of the input at the end. */
  readonly type: string;
  /** Whether nothing lies between; only then a primitive has an effect. */
  readonly isDirect: boolean;
  readonly steps: number;
}

/** A way of more steps leads round in circles. */
const MOST_STEPS = 2000;

function further(search: Search): Search {
  return { ...search, isDirect: false, steps: search.steps + 1 };
}

function into(scope: Scope, node: GraphNode, slot: number, search: Search): Source | null {
  const link = linkInto(scope.body, node.id, slot);
  if (link === null || search.steps > MOST_STEPS) return null;
  return from(scope, link.source, link.sourceSlot, search);
}

function primitive(scope: Scope, node: GraphNode, { isDirect }: Search): Source | null {
  const value = valueIn(scope, node, PRIMITIVE_VALUE);
  return isDirect && value !== undefined ? { kind: 'primitive', value, node, scope } : null;
}

/** Through an input of a subgraph: the link outside, else the value that the instance has for it. */
function outside({ scope, node, instance }: Outer, slot: number, search: Search): Source | null {
  const name = instance.subgraph.inputs[slot]?.name;
  const input = node.inputs.findIndex((candidate) => candidate.name === name);
  const linked = input < 0 ? null : into(scope, node, input, { ...search, steps: search.steps + 1 });
  if (linked !== null) return linked;
  const promoted = instance.promoted.find((candidate) => candidate.input === slot);
  const value = promoted && valueIn(scope, node, promoted.widget.name);
  if (value === undefined) return null;
  return { kind: 'value', value, by: `${scope.prefix}${node.id}.${slot}` };
}

function within(scope: Scope, node: GraphNode, slot: number, search: Search): Source | null {
  const instance = instanceIn(scope, node);
  if (instance === null) return { kind: 'output', id: scope.prefix + node.id, slot };
  const inner = inside(scope, node, instance);
  const link = linkInto(inner.body, SUBGRAPH_OUTPUTS, slot);
  return link === null ? null : from(inner, link.source, link.sourceSlot, further(search));
}

interface Typed {
  readonly name: string;
  readonly type: string;
}

/** Which input of a bypassed node one of its outputs stands for. */
function bypass(inputs: readonly Typed[], slot: number, output: string, consumer: string): Typed | undefined {
  const opposite = inputs[slot];
  if (consumer === '*') return opposite ?? inputs[0];
  const fits = ({ type }: Typed) => typesFit(type, consumer);
  if (opposite !== undefined && fits(opposite) && typesFit(opposite.type, output)) return opposite;
  return inputs.find(({ type }) => type === consumer) ?? inputs.find(fits);
}

function throughBypassed(scope: Scope, node: GraphNode, slot: number, search: Search): Source | null {
  const definition = definitionIn(scope, node);
  const output = (definition?.outputs[slot] ?? node.outputs[slot])?.type ?? '*';
  const chosen = bypass(definition?.inputs ?? node.inputs, slot, output, search.type);
  const input = node.inputs.findIndex((candidate) => candidate.name === chosen?.name);
  return input < 0 ? null : into(scope, node, input, further(search));
}

function from(scope: Scope, id: NodeId, slot: number, search: Search): Source | null {
  if (id === SUBGRAPH_INPUTS && scope.outer !== null) return outside(scope.outer, slot, search);
  const node = scope.body.nodes.get(id);
  if (node === undefined) return null;
  if (node.type === 'PrimitiveNode') return primitive(scope, node, search);
  if (node.mode === MUTED) return null;
  if (node.type === 'Reroute') return into(scope, node, 0, further(search));
  if (isOwnType(node.type)) return null;
  return (node.mode === BYPASSED ? throughBypassed : within)(scope, node, slot, search);
}

/** What comes in at an input, null for nothing. `type`: that of the input. */
export function sourceOf(scope: Scope, node: GraphNode, slot: number, type: string): Source | null {
  return into(scope, node, slot, { type, isDirect: true, steps: 0 });
}
