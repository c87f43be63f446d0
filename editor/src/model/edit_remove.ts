/** Removing nodes, with or without closing the gap they leave. */

import { typesFit } from './connect';
import { withLinks } from './edit_links';
import { isBoundary, linkInto, socketAt } from './graph';
import type { Graph, Link, LinkId, NodeId } from './types';

export interface RemoveOptions {
  /** Connect what came in with what went out, where the types are the same. */
  readonly reconnect?: boolean;
}

/** The link that enters a node where what it gives out would pass if it were not there. */
function entering(graph: Graph, link: Link): Link | null {
  const node = graph.nodes.get(link.source);
  const type = node?.outputs[link.sourceSlot]?.type;
  for (const [slot, input] of (node?.inputs ?? []).entries()) {
    const found = input.type === type ? linkInto(graph, link.source, slot) : null;
    if (found !== null) return found;
  }
  return null;
}

type Origins = Map<LinkId, Link | null>;

/** Where a link whose source goes away can come from instead: the link that entered the chain of removed nodes. */
function origin(graph: Graph, link: Link, removed: ReadonlySet<NodeId>, known: Origins): Link | null {
  const passed: LinkId[] = [];
  let current: Link | null = link;
  while (current !== null && removed.has(current.source)) {
    const found = known.get(current.id);
    if (found !== undefined) {
      current = found;
      break;
    }
    known.set(current.id, null);
    passed.push(current.id);
    current = entering(graph, current);
  }
  for (const id of passed) known.set(id, current);
  return current;
}

function reconnected(graph: Graph, link: Link, removed: ReadonlySet<NodeId>, known: Origins): Link | null {
  const from = origin(graph, link, removed, known);
  const wanted = socketAt(graph, { node: link.target, slot: link.targetSlot, side: 'input' });
  if (from === null || wanted === null || !typesFit(from.type, wanted.type)) return null;
  return { ...link, source: from.source, sourceSlot: from.sourceSlot, type: from.type, reroute: null };
}

export function removeNodes(graph: Graph, ids: Iterable<NodeId>, options: RemoveOptions = {}): Graph {
  const removed = new Set([...ids].filter((id) => graph.nodes.has(id) && !isBoundary(id)));
  if (removed.size === 0) return graph;
  const links = new Map<LinkId, Link>();
  const origins: Origins = new Map();
  for (const link of graph.links.values()) {
    if (removed.has(link.target)) continue;
    if (!removed.has(link.source)) links.set(link.id, link);
    else if (options.reconnect === true) {
      const kept = reconnected(graph, link, removed, origins);
      if (kept !== null) links.set(link.id, kept);
    }
  }
  const nodes = new Map([...graph.nodes].filter(([id]) => !removed.has(id)));
  return withLinks({ ...graph, nodes }, links);
}
