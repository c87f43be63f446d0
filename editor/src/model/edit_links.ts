/** Edits of links: connecting, cutting, moving an end, putting a node between. */

import { grown, isFree } from './boundary';
import { bestSocket, endsOf, whyNot } from './connect';
import { freeLinkId, isBoundary, linkInto, socketAt, withNodes } from './graph';
import { withShown } from './hidden';
import { chainOf, keptReroutes } from './reroute_chains';
import type { Graph, GraphNode, Link, LinkId, NodeId, Socket } from './types';

export function outputOf(node: NodeId, slot: number): Socket {
  return { node, slot, side: 'output' };
}

export function inputOf(node: NodeId, slot: number): Socket {
  return { node, slot, side: 'input' };
}

/** The graph with other links; reroutes that only the old ones used are gone. */
export function withLinks(graph: Graph, links: ReadonlyMap<LinkId, Link>): Graph {
  return { ...graph, links, reroutes: keptReroutes(graph, links) };
}

/** The type that flows: that of the output, or of the input where the output says nothing. */
function flowing(graph: Graph, source: Socket, target: Socket): string {
  const output = socketAt(graph, source)?.type ?? '*';
  return output === '*' ? (socketAt(graph, target)?.type ?? '*') : output;
}

function withGrown(graph: Graph, taken: Socket, other: Socket): Graph {
  const socket = socketAt(graph, taken);
  const partner = socketAt(graph, other);
  if (!isBoundary(taken.node) || socket === null || partner === null || !isFree(socket)) return graph;
  return withNodes(graph, [taken.node], (node) => grown(node, partner.name, partner.type));
}

/** The link put in place of whatever was in its input. */
function placed(graph: Graph, link: Link): Graph {
  const [source, target] = [outputOf(link.source, link.sourceSlot), inputOf(link.target, link.targetSlot)];
  const ready = withGrown(withGrown(graph, source, target), target, source);
  const links = new Map(ready.links);
  const old = linkInto(ready, link.target, link.targetSlot);
  if (old !== null && old.id !== link.id) links.delete(old.id);
  links.set(link.id, link);
  const shown = withNodes(ready, [link.target], (node) => withShown(node, link.targetSlot));
  return withLinks({ ...shown, lastLinkId: Math.max(ready.lastLinkId, link.id) }, links);
}

/** In place of what was in the input; what cannot be connected (`whyNot`) leaves the graph as it is. */
export function connect(graph: Graph, from: Socket, to: Socket): Graph {
  const ends = endsOf(from, to);
  if (ends === null || whyNot(graph, from, to) !== null) return graph;
  const { source, target } = ends;
  const old = linkInto(graph, target.node, target.slot);
  if (old !== null && old.source === source.node && old.sourceSlot === source.slot) return graph;
  return placed(graph, {
    id: freeLinkId(graph),
    source: source.node,
    sourceSlot: source.slot,
    target: target.node,
    targetSlot: target.slot,
    type: flowing(graph, source, target),
    reroute: null,
    extra: {},
  });
}

export function disconnectAll(graph: Graph, ids: Iterable<LinkId>): Graph {
  const links = new Map(graph.links);
  for (const id of ids) links.delete(id);
  return links.size === graph.links.size ? graph : withLinks(graph, links);
}

export function disconnect(graph: Graph, id: LinkId): Graph {
  return disconnectAll(graph, [id]);
}

function isAt(link: Link, end: Socket): boolean {
  return end.side === 'input'
    ? link.target === end.node && link.targetSlot === end.slot
    : link.source === end.node && link.sourceSlot === end.slot;
}

/** A link that begins elsewhere takes its reroutes along, unless others use them too. */
function rerouteKept(graph: Graph, link: Link, end: Socket): Link['reroute'] {
  if (link.reroute === null || end.side === 'input') return link.reroute;
  const own = new Set(chainOf(graph, link));
  const isShared = [...graph.links.values()].some(
    (other) =>
      other.id !== link.id && other.reroute !== null && chainOf(graph, other).some((id) => own.has(id)),
  );
  return isShared ? null : link.reroute;
}

/** Put one end elsewhere: at an input the one it goes to, at an output the one it comes from; null cuts the link. */
export function moveLinkEnd(graph: Graph, id: LinkId, to: Socket | null): Graph {
  const link = graph.links.get(id);
  if (link === undefined) return graph;
  if (to === null) return disconnect(graph, id);
  if (isAt(link, to)) return graph;
  const fixed =
    to.side === 'input' ? outputOf(link.source, link.sourceSlot) : inputOf(link.target, link.targetSlot);
  const others = new Map(graph.links);
  others.delete(id);
  if (whyNot({ ...graph, links: others }, fixed, to) !== null) return graph;
  const ends =
    to.side === 'input'
      ? { target: to.node, targetSlot: to.slot, type: flowing(graph, fixed, to) }
      : { source: to.node, sourceSlot: to.slot, type: flowing(graph, to, fixed) };
  return placed(graph, { ...link, ...ends, reroute: rerouteKept(graph, link, to) });
}

function slotsBetween(graph: Graph, link: Link, node: GraphNode): readonly [number, number] | null {
  const wanted = socketAt(graph, inputOf(link.target, link.targetSlot));
  if (wanted === null) return null;
  const input = bestSocket(node, link.type, 'input', (slot) => linkInto(graph, node.id, slot) !== null);
  const output = bestSocket(node, wanted.type, 'output');
  return input === null || output === null ? null : [input, output];
}

/** Put a node between the two ends of a link; unchanged where its sockets do not fit. */
export function insertIntoLink(graph: Graph, id: LinkId, node: NodeId): Graph {
  const link = graph.links.get(id);
  const between = graph.nodes.get(node);
  if (link === undefined || between === undefined || isBoundary(node)) return graph;
  const slots = slotsBetween(graph, link, between);
  if (slots === null) return graph;
  const first = moveLinkEnd(graph, id, inputOf(node, slots[0]));
  const both = connect(first, outputOf(node, slots[1]), inputOf(link.target, link.targetSlot));
  return first === graph || both === first ? graph : both;
}
