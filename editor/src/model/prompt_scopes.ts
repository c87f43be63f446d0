/** The bodies that run, one inside the other, and the nodes in them that the server gets. */

import type { Definitions, NodeDefinition } from './definition';
import { FormatError } from './formatError';
import { definitionOf, type Instance, instanceOf } from './instances';
import { type Body, BYPASSED, type Graph, type GraphNode, type Json, MUTED, type NodeId } from './types';
import { isOwnType } from './values';

/** An instance of a subgraph, seen from inside. */
export interface Outer {
  readonly scope: Scope;
  readonly node: GraphNode;
  readonly instance: Instance;
}

export interface Scope {
  readonly graph: Graph;
  readonly definitions: Definitions;
  readonly body: Body;
  readonly path: readonly NodeId[];
  /** What stands before the ids of its nodes in the prompt. */
  readonly prefix: string;
  readonly outer: Outer | null;
}

export interface RunNode {
  readonly scope: Scope;
  readonly node: GraphNode;
  readonly definition: NodeDefinition | null;
}

export function outermost(graph: Graph, definitions: Definitions): Scope {
  return { graph, definitions, body: graph, path: [], prefix: '', outer: null };
}

function holds(scope: Scope, subgraph: string): boolean {
  for (let outer = scope.outer; outer !== null; outer = outer.scope.outer) {
    if (outer.instance.subgraph.id === subgraph) return true;
  }
  return false;
}

export function inside(scope: Scope, node: GraphNode, instance: Instance): Scope {
  const { id, name, body } = instance.subgraph;
  if (holds(scope, id)) throw new FormatError('format.endless', { name });
  const prefix = `${scope.prefix}${node.id}:`;
  return { ...scope, body, path: [...scope.path, node.id], prefix, outer: { scope, node, instance } };
}

export function definitionIn(scope: Scope, node: GraphNode): NodeDefinition | null {
  return definitionOf(scope.graph, node, scope.definitions);
}

export function instanceIn(scope: Scope, node: GraphNode): Instance | null {
  return instanceOf(scope.graph, node, scope.definitions);
}

/** Subgraphs in subgraphs multiply; nodes that do not run count as well, for they too take time. */
const MOST_NODES = 100_000;

/** Every node that runs, those of subgraphs in place of their instances. */
export function* runNodes(scope: Scope, count = { seen: 0 }): Generator<RunNode> {
  for (const node of scope.body.nodes.values()) {
    count.seen += 1;
    if (count.seen > MOST_NODES) throw new FormatError('format.tooManyNodes', { most: MOST_NODES });
    if (node.mode === MUTED || node.mode === BYPASSED || isOwnType(node.type)) continue;
    const instance = instanceIn(scope, node);
    if (instance === null) yield { scope, node, definition: definitionIn(scope, node) };
    else yield* runNodes(inside(scope, node, instance), count);
  }
}

/** A widget's value: what an instance around says of it, else the node's own. */
export function valueIn({ outer }: Scope, node: GraphNode, name: string): Json | undefined {
  const promoted = outer?.instance.promoted.find(
    ({ input, inner }) => input === null && inner.node === node.id && inner.widget === name,
  );
  const told = outer && promoted ? valueIn(outer.scope, outer.node, promoted.widget.name) : undefined;
  return told ?? node.values.get(name);
}
