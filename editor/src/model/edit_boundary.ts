/** Edits of the inputs and outputs of the subgraph that is open: their names, their order, and which there are. */

import { isFree, withSockets } from './boundary';
import { withLinks } from './edit_links';
import { withNodes } from './graph';
import type { Graph, GraphNode, Link, LinkId, NodeId, Output } from './types';
import { SUBGRAPH_INPUTS } from './types';

/** The inputs or outputs that a boundary node stands for, without the free socket at its end. */
export function boundarySockets(node: GraphNode): readonly Output[] {
  const sockets: readonly Output[] = node.id === SUBGRAPH_INPUTS ? node.outputs : node.inputs;
  return sockets.filter((socket) => !isFree(socket));
}

/** How a socket is called: by its label, else by its name. */
export function socketLabel({ name, extra }: Output): string {
  return typeof extra.label === 'string' && extra.label !== '' ? extra.label : name;
}

function changed(graph: Graph, id: NodeId, change: (sockets: readonly Output[]) => readonly Output[]): Graph {
  return withNodes(graph, [id], (node) => {
    const all: readonly Output[] = node.id === SUBGRAPH_INPUTS ? node.outputs : node.inputs;
    return withSockets(node, [...change(boundarySockets(node)), ...all.filter(isFree)]);
  });
}

/** Links at a boundary node with other slots; null cuts them. */
function relinked(graph: Graph, id: NodeId, way: (slot: number) => number | null): Graph {
  const links = new Map<LinkId, Link>();
  for (const link of graph.links.values()) {
    const isSource = id === SUBGRAPH_INPUTS;
    if ((isSource ? link.source : link.target) !== id) {
      links.set(link.id, link);
      continue;
    }
    const slot = way(isSource ? link.sourceSlot : link.targetSlot);
    if (slot !== null) links.set(link.id, { ...link, [isSource ? 'sourceSlot' : 'targetSlot']: slot });
  }
  return withLinks(graph, links);
}

function hasSocket(graph: Graph, id: NodeId, slot: number): boolean {
  const node = graph.nodes.get(id);
  return node !== undefined && boundarySockets(node)[slot] !== undefined;
}

/** Another label for an input or output; its name in files and prompts stays. Nothing but spaces: the name is shown again. */
export function renameSocket(graph: Graph, id: NodeId, slot: number, text: string): Graph {
  const node = graph.nodes.get(id);
  const socket = node === undefined ? undefined : boundarySockets(node)[slot];
  if (socket === undefined) return graph;
  const label = text.trim() === '' || text.trim() === socket.name ? null : text.trim();
  if ((socket.extra.label ?? null) === label) return graph;
  const { label: _, ...rest } = socket.extra;
  const extra = label === null ? rest : { ...rest, label };
  return changed(graph, id, (sockets) =>
    sockets.map((each, at) => (at === slot ? { ...each, extra } : each)),
  );
}

/** With the links that lead to it, inside and at every instance. */
export function removeSocket(graph: Graph, id: NodeId, slot: number): Graph {
  if (!hasSocket(graph, id, slot)) return graph;
  const without = changed(graph, id, (sockets) => sockets.toSpliced(slot, 1));
  return relinked(without, id, (at) => (at === slot ? null : at > slot ? at - 1 : at));
}

/** To another place in the order; links follow. */
export function moveSocket(graph: Graph, id: NodeId, slot: number, to: number): Graph {
  if (slot === to || !hasSocket(graph, id, slot) || !hasSocket(graph, id, to)) return graph;
  const node = graph.nodes.get(id);
  const count = node === undefined ? 0 : boundarySockets(node).length;
  const order = [...Array(count).keys()].toSpliced(slot, 1).toSpliced(to, 0, slot);
  const moved = changed(graph, id, (sockets) => order.flatMap((at) => sockets[at] ?? []));
  return relinked(moved, id, (at) => (at < order.length ? order.indexOf(at) : at));
}

/** Another name for a subgraph, whatever instance shows it. */
export function renameSubgraph(graph: Graph, id: string, name: string): Graph {
  const subgraph = graph.subgraphs.get(id);
  if (subgraph === undefined || name.trim() === '' || subgraph.name === name.trim()) return graph;
  return { ...graph, subgraphs: new Map(graph.subgraphs).set(id, { ...subgraph, name: name.trim() }) };
}
