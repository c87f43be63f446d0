/** Copying, pasting and duplicating nodes with their links. */

import { isFree } from './boundary';
import { boundsOf, minus } from './bounds';
import { fragmentText, readFragment, writeSubgraph } from './clipboard_json';
import { typesFit } from './connect';
import type { Definitions } from './definition';
import { newNode } from './edit_nodes';
import type { Fragment } from './fragment';
import { addLink, fragmentOf, merged } from './fragment';
import { socketAt, subgraphsWithin } from './graph';
import { sameJson } from './json';
import type { Graph, GraphNode, Link, NodeId, Point, Subgraph } from './types';

const DUPLICATE_OFFSET: Point = [30, 30];

export interface Pasted {
  readonly graph: Graph;
  readonly ids: ReadonlySet<NodeId>;
}

/** JSON text of nodes with the links between and into them, their groups and subgraphs. */
export function copied(graph: Graph, ids: Iterable<NodeId>): string {
  return fragmentText(fragmentOf(graph, ids));
}

type Names = ReadonlyMap<string, string>;

function isSame(one: Subgraph, other: Subgraph): boolean {
  return one === other || sameJson(writeSubgraph(one), writeSubgraph(other));
}

/** New ids for the subgraphs that mean something else here, and for those that hold one of them. */
function newNames(graph: Graph, subgraphs: readonly Subgraph[]): Names {
  const names = new Map<string, string>();
  const rename = (id: string) => names.set(id, crypto.randomUUID());
  for (const subgraph of subgraphs) {
    const known = graph.subgraphs.get(subgraph.id);
    if (known !== undefined && !isSame(known, subgraph)) rename(subgraph.id);
  }
  if (names.size === 0) return names;
  const all = new Map(subgraphs.map((subgraph) => [subgraph.id, subgraph]));
  const changed = new Set(names.keys());
  for (const subgraph of subgraphs) {
    const within = subgraphsWithin(subgraph.body, all);
    if (!changed.has(subgraph.id) && [...within].some((id) => changed.has(id))) rename(subgraph.id);
  }
  return names;
}

function renamedNode(node: GraphNode, names: Names): GraphNode {
  const type = names.get(node.type);
  return type === undefined ? node : { ...node, type };
}

function renamedSubgraph(subgraph: Subgraph, names: Names): Subgraph {
  const id = names.get(subgraph.id);
  if (id === undefined) return subgraph;
  const nodes = [...subgraph.body.nodes].map(([key, node]) => [key, renamedNode(node, names)] as const);
  return { ...subgraph, id, body: { ...subgraph.body, nodes: new Map(nodes) } };
}

function holdsItself(subgraphs: Graph['subgraphs'], added: readonly Subgraph[]): boolean {
  return added.some(({ id, body }) => subgraphsWithin(body, subgraphs).has(id));
}

/** The graph that knows the subgraphs of a fragment too, and the nodes with the ids these got. */
function adopted(graph: Graph, fragment: Fragment): { graph: Graph; nodes: readonly GraphNode[] } | null {
  if (fragment.subgraphs.length === 0) return { graph, nodes: fragment.nodes };
  const names = newNames(graph, fragment.subgraphs);
  const added = fragment.subgraphs
    .map((subgraph) => renamedSubgraph(subgraph, names))
    .filter((subgraph) => !graph.subgraphs.has(subgraph.id));
  const subgraphs = new Map(graph.subgraphs);
  for (const subgraph of added) subgraphs.set(subgraph.id, subgraph);
  if (holdsItself(subgraphs, added)) return null;
  return {
    graph: added.length === 0 ? graph : { ...graph, subgraphs },
    nodes: fragment.nodes.map((node) => renamedNode(node, names)),
  };
}

function withIncoming(graph: Graph, incoming: readonly Link[], names: ReadonlyMap<NodeId, NodeId>): Graph {
  const links = new Map(graph.links);
  const taken = new Set<string>();
  let { lastLinkId } = graph;
  for (const link of incoming) {
    const target = names.get(link.target) ?? '';
    const key = `${link.targetSlot} ${target}`;
    const output = socketAt(graph, { node: link.source, slot: link.sourceSlot, side: 'output' });
    const input = socketAt(graph, { node: target, slot: link.targetSlot, side: 'input' });
    const fits = output !== null && !isFree(output) && input !== null && typesFit(output.type, input.type);
    if (!fits || taken.has(key)) continue;
    taken.add(key);
    lastLinkId = addLink(links, lastLinkId, { ...link, target, reroute: null });
  }
  return taken.size === 0 ? graph : { ...graph, links, lastLinkId };
}

function inserted(graph: Graph, fragment: Fragment, shift: Point, keepIncoming: boolean): Pasted | null {
  const ready = adopted(graph, fragment);
  if (ready === null) return null;
  const { graph: put, nodes } = merged(ready.graph, { ...fragment, nodes: ready.nodes }, shift);
  const between = new Set(fragment.links.map((link) => `${link.targetSlot} ${link.target}`));
  const incoming = fragment.incoming.filter((link) => !between.has(`${link.targetSlot} ${link.target}`));
  return {
    graph: keepIncoming ? withIncoming(put, incoming, nodes) : put,
    ids: new Set(nodes.values()),
  };
}

/** A node with the values that the definition here has beyond those of the text. */
function completed(node: GraphNode, definitions: Definitions): GraphNode {
  const definition = definitions.get(node.type);
  if (definition === undefined) return node;
  const fresh = newNode(definition, node.pos, node.id);
  const [inputs, outputs] = [node.inputs.length === 0, node.outputs.length === 0];
  return {
    ...node,
    inputs: inputs ? fresh.inputs : node.inputs,
    outputs: outputs ? fresh.outputs : node.outputs,
    values: new Map([...fresh.values, ...node.values]),
    size: node.size[0] === 0 ? fresh.size : node.size,
  };
}

/**
 * A graph with copied nodes, their upper left corner at a point; null if the text is none of `copied`.
 *
 * `keepIncoming`: connect them to what they were connected to, as far as that is here.
 */
export function pasted(
  graph: Graph,
  definitions: Definitions,
  text: string,
  at: Point,
  keepIncoming: boolean,
): Pasted | null {
  const fragment = readFragment(text);
  const corner = fragment === null ? null : boundsOf(fragment.nodes)?.pos;
  if (fragment === null || corner === null || corner === undefined) return null;
  const nodes = fragment.nodes.map((node) => completed(node, definitions));
  return inserted(graph, { ...fragment, nodes }, minus(at, corner), keepIncoming);
}

/** Copies beside the nodes, fed by what feeds these. */
export function duplicated(graph: Graph, ids: Iterable<NodeId>, keepIncoming = true): Pasted {
  const fragment = fragmentOf(graph, ids);
  return inserted(graph, fragment, DUPLICATE_OFFSET, keepIncoming) ?? { graph, ids: new Set() };
}
