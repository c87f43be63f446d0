/** Looking things up in a graph: links by their ends, bodies of subgraphs as graphs of their own. */

import { boundaryNodes, isBoundary, withBoundaryNodes } from './boundary';
import { withAllInstances, withChangedInstances } from './boundary_instances';
import type { Body, Graph, GraphNode, Input, Link, LinkId, NodeId, Output, Socket, Subgraph } from './types';

export { isBoundary } from './boundary';

const NO_LINKS: readonly Link[] = [];

interface Sources {
  readonly all: Link[];
  readonly bySlot: Map<number, Link[]>;
}

interface Index {
  readonly into: ReadonlyMap<NodeId, ReadonlyMap<number, Link>>;
  readonly from: ReadonlyMap<NodeId, Sources>;
}

const indices = new WeakMap<ReadonlyMap<LinkId, Link>, Index>();

interface Store<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

function entry<Key, Value>(map: Store<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function builtIndex(links: ReadonlyMap<LinkId, Link>): Index {
  const into = new Map<NodeId, Map<number, Link>>();
  const from = new Map<NodeId, Sources>();
  for (const link of links.values()) {
    entry(into, link.target, () => new Map<number, Link>()).set(link.targetSlot, link);
    const sources = entry(from, link.source, (): Sources => ({ all: [], bySlot: new Map() }));
    sources.all.push(link);
    entry(sources.bySlot, link.sourceSlot, (): Link[] => []).push(link);
  }
  return { into, from };
}

/** Built once for each set of links; edits that leave the links alone keep it. */
function indexOf(body: Body): Index {
  return entry(indices, body.links, () => builtIndex(body.links));
}

export function linkInto(body: Body, node: NodeId, slot: number): Link | null {
  return indexOf(body).into.get(node)?.get(slot) ?? null;
}

export function linksInto(body: Body, node: NodeId): readonly Link[] {
  const links = indexOf(body).into.get(node);
  return links === undefined ? NO_LINKS : [...links.values()];
}

export function linksFrom(body: Body, node: NodeId, slot?: number): readonly Link[] {
  const sources = indexOf(body).from.get(node);
  if (sources === undefined) return NO_LINKS;
  return slot === undefined ? sources.all : (sources.bySlot.get(slot) ?? NO_LINKS);
}

/** The input or output at one end of a link, null where there is none. */
export function socketAt(body: Body, socket: Socket): Input | Output | null {
  const node = body.nodes.get(socket.node);
  const sockets = socket.side === 'input' ? node?.inputs : node?.outputs;
  return sockets?.[socket.slot] ?? null;
}

/** The same graph with some nodes replaced; the very same one if nothing changed. */
export function withNodes(
  graph: Graph,
  ids: Iterable<NodeId>,
  change: (node: GraphNode) => GraphNode,
): Graph {
  let nodes: Map<NodeId, GraphNode> | null = null;
  for (const id of ids) {
    const node = graph.nodes.get(id);
    const changed = node === undefined ? undefined : change(node);
    if (changed === undefined || changed === node) continue;
    nodes ??= new Map(graph.nodes);
    nodes.set(id, changed);
  }
  return nodes === null ? graph : { ...graph, nodes };
}

/** The first number above the counter that no node bears, as an id. */
export function freeNodeId(graph: Graph, used: { has(id: NodeId): boolean } = graph.nodes): number {
  let id = graph.lastNodeId + 1;
  while (used.has(String(id))) id += 1;
  return id;
}

export function freeLinkId(graph: Graph): LinkId {
  let id = graph.lastLinkId + 1;
  while (graph.links.has(id)) id += 1;
  return id;
}

/** The ids of the subgraphs whose instances a body holds, at any depth. */
export function subgraphsWithin(body: Body, subgraphs: ReadonlyMap<string, Subgraph>): ReadonlySet<string> {
  const found = new Set<string>();
  const open: Body[] = [body];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { type } of next.nodes.values()) {
      const subgraph = subgraphs.get(type);
      if (subgraph === undefined || found.has(type)) continue;
      found.add(type);
      open.push(subgraph.body);
    }
  }
  return found;
}

const views = new WeakMap<Graph, Map<NodeId, Graph>>();

function madeView(graph: Graph, subgraph: Subgraph): Graph {
  const [inputs, outputs] = boundaryNodes(subgraph);
  const nodes = new Map([[inputs.id, inputs], ...subgraph.body.nodes, [outputs.id, outputs]]);
  return { ...graph, ...subgraph.body, nodes };
}

function subgraphOf(graph: Graph, instance: NodeId): Subgraph | null {
  const node = graph.nodes.get(instance);
  return (node && graph.subgraphs.get(node.type)) ?? null;
}

function viewOf(graph: Graph, instance: NodeId): Graph | null {
  const subgraph = subgraphOf(graph, instance);
  if (subgraph === null) return null;
  return entry(
    entry(views, graph, () => new Map<NodeId, Graph>()),
    instance,
    () => madeView(graph, subgraph),
  );
}

/**
 * The body of the subgraph whose instances lead there, as a graph; the same object as long as nothing changed.
 *
 * Its inputs and outputs are nodes there (`-10` and `-20`, see `isBoundary`), each with one free socket at the end:
 * what is connected to that becomes a further input or output of the subgraph.
 */
export function insideOf(graph: Graph, path: readonly NodeId[]): Graph | null {
  let inner: Graph | null = graph;
  for (const instance of path) inner = inner && viewOf(inner, instance);
  return inner;
}

/** The graph around a body that was changed as a view; null if the subgraph would then hold itself. */
function writtenBack(graph: Graph, subgraph: Subgraph, inner: Graph): Graph | null {
  const nodes = new Map([...inner.nodes].filter(([id]) => !isBoundary(id)));
  const { links, reroutes, groups, lastNodeId, lastLinkId, extra } = inner;
  // What else of it was changed, such as its name, stands among the subgraphs.
  const changed = withBoundaryNodes(
    inner.subgraphs.get(subgraph.id) ?? subgraph,
    { nodes, links, reroutes, groups },
    inner.nodes,
  );
  const subgraphs = new Map(inner.subgraphs).set(subgraph.id, changed);
  if (subgraphsWithin(changed.body, subgraphs).has(subgraph.id)) return null;
  const around = withInnerChanges(graph, inner.subgraphs);
  return withAllInstances({ ...around, subgraphs, lastNodeId, lastLinkId, extra }, subgraph, changed);
}

/** Subgraphs further in may have other sockets now, and instances on this level too. */
function withInnerChanges(graph: Graph, subgraphs: Graph['subgraphs']): Graph {
  let result = graph;
  if (subgraphs === graph.subgraphs) return graph;
  for (const [id, after] of subgraphs) {
    const before = graph.subgraphs.get(id);
    if (before !== undefined && before !== after) result = withChangedInstances(result, before, after);
  }
  return result;
}

function changedAt(graph: Graph, path: readonly NodeId[], change: (inner: Graph) => Graph): Graph {
  const [instance, ...rest] = path;
  if (instance === undefined) return change(graph);
  const subgraph = subgraphOf(graph, instance);
  const before = viewOf(graph, instance);
  if (subgraph === null || before === null) return graph;
  const after = changedAt(before, rest, change);
  return after === before ? graph : (writtenBack(graph, subgraph, after) ?? graph);
}

/** Without the subgraphs that were in use before and are no longer. */
function swept(before: Graph, after: Graph): Graph {
  if (before === after || before.subgraphs.size === 0) return after;
  const used = subgraphsWithin(after, after.subgraphs);
  const gone = [...subgraphsWithin(before, before.subgraphs)].filter((id) => !used.has(id));
  if (gone.length === 0) return after;
  return { ...after, subgraphs: new Map([...after.subgraphs].filter(([id]) => !gone.includes(id))) };
}

/** Change what lies at the end of a path; a change that would put a subgraph into itself is refused. */
export function atPath(graph: Graph, path: readonly NodeId[], change: (inner: Graph) => Graph): Graph {
  return swept(graph, changedAt(graph, path, change));
}
