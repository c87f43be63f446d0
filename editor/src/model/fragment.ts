/** A part of a graph that is put into another one (or the same) under new numbers. */

import type { Box } from './bounds';
import { moved } from './bounds';
import { freeGroupId } from './edit_groups';
import { freeRerouteId } from './edit_reroutes';
import { isBoundary, subgraphsWithin } from './graph';
import { reroutesOf } from './reroute_chains';
import { membersOf } from './select';
import type {
  Graph,
  GraphNode,
  Group,
  Link,
  LinkId,
  NodeId,
  Point,
  Reroute,
  RerouteId,
  Subgraph,
} from './types';

export interface Fragment {
  readonly nodes: readonly GraphNode[];
  /** Between these nodes. */
  readonly links: readonly Link[];
  /** Into these nodes from others. */
  readonly incoming: readonly Link[];
  readonly reroutes: readonly Reroute[];
  readonly groups: readonly Group[];
  readonly subgraphs: readonly Subgraph[];
}

export interface Merged {
  readonly graph: Graph;
  readonly nodes: ReadonlyMap<NodeId, NodeId>;
  readonly reroutes: ReadonlyMap<RerouteId, RerouteId>;
}

/** Groups that hold some of the nodes and no others. */
export function groupsOf(graph: Graph, ids: ReadonlySet<NodeId>): readonly Group[] {
  return graph.groups.filter((group) => {
    const members = [...membersOf(graph, group)];
    return members.length > 0 && members.every((id) => ids.has(id));
  });
}

export function fragmentOf(graph: Graph, ids: Iterable<NodeId>): Fragment {
  const chosen = new Set([...ids].filter((id) => graph.nodes.has(id) && !isBoundary(id)));
  const nodes = [...graph.nodes.values()].filter((node) => chosen.has(node.id));
  const into = [...graph.links.values()].filter((link) => chosen.has(link.target));
  const links = into.filter((link) => chosen.has(link.source));
  const used = reroutesOf(graph.reroutes, links);
  const body = { ...graph, nodes: new Map(nodes.map((node) => [node.id, node])) };
  const types = subgraphsWithin(body, graph.subgraphs);
  return {
    nodes,
    links,
    incoming: into.filter((link) => !chosen.has(link.source)),
    reroutes: [...graph.reroutes.values()].filter((reroute) => used.has(reroute.id)),
    groups: groupsOf(graph, chosen),
    subgraphs: [...graph.subgraphs.values()].filter((subgraph) => types.has(subgraph.id)),
  };
}

function mergedNodes(graph: Graph, added: readonly GraphNode[], shift: Point, keepIds: boolean): Merged {
  const nodes = new Map(graph.nodes);
  const names = new Map<NodeId, NodeId>();
  let { lastNodeId } = graph;
  for (const node of added) {
    let id = node.id;
    if (!keepIds || nodes.has(id) || isBoundary(id)) {
      do lastNodeId += 1;
      while (nodes.has(String(lastNodeId)));
      id = String(lastNodeId);
    }
    names.set(node.id, id);
    nodes.set(id, { ...node, id, pos: moved(node.pos, shift) });
  }
  return { graph: { ...graph, nodes, lastNodeId }, nodes: names, reroutes: new Map() };
}

function mergedReroutes(into: Merged, added: readonly Reroute[], shift: Point): Merged {
  if (added.length === 0) return into;
  const first = freeRerouteId(into.graph.reroutes);
  const names = new Map(added.map((reroute, at) => [reroute.id, first + at]));
  const reroutes = new Map(into.graph.reroutes);
  for (const [at, reroute] of added.entries()) {
    const parent = reroute.parent === null ? null : (names.get(reroute.parent) ?? null);
    reroutes.set(first + at, { ...reroute, id: first + at, parent, pos: moved(reroute.pos, shift) });
  }
  return { ...into, graph: { ...into.graph, reroutes }, reroutes: names };
}

function mergedLinks(into: Merged, added: readonly Link[]): Merged {
  const links = new Map(into.graph.links);
  let { lastLinkId } = into.graph;
  for (const link of added) {
    const [source, target] = [into.nodes.get(link.source), into.nodes.get(link.target)];
    if (source === undefined || target === undefined) continue;
    do lastLinkId += 1;
    while (links.has(lastLinkId));
    const reroute = link.reroute === null ? null : (into.reroutes.get(link.reroute) ?? null);
    links.set(lastLinkId, { ...link, id: lastLinkId, source, target, reroute });
  }
  return { ...into, graph: { ...into.graph, links, lastLinkId } };
}

function movedBy<Moved extends Box>(box: Moved, shift: Point): Moved {
  return { ...box, pos: moved(box.pos, shift) };
}

function mergedGroups(into: Merged, added: readonly Group[], shift: Point): Merged {
  if (added.length === 0) return into;
  const first = freeGroupId(into.graph.groups);
  const groups = added.map((group, at) => ({ ...movedBy(group, shift), id: first + at }));
  return { ...into, graph: { ...into.graph, groups: [...into.graph.groups, ...groups] } };
}

/** A graph with the nodes, links, points and groups of a fragment; `keepIds`: nodes keep ids that are free. */
export function merged(
  graph: Graph,
  fragment: Pick<Fragment, 'nodes' | 'links' | 'reroutes' | 'groups'>,
  shift: Point,
  keepIds = false,
): Merged {
  const nodes = mergedNodes(graph, fragment.nodes, shift, keepIds);
  const links = mergedLinks(mergedReroutes(nodes, fragment.reroutes, shift), fragment.links);
  return mergedGroups(links, fragment.groups, shift);
}

/** A link put between two sockets under a number of its own; an input that has one keeps it. */
export function addLink(links: Map<LinkId, Link>, last: LinkId, link: Omit<Link, 'id'>): LinkId {
  let id = last + 1;
  while (links.has(id)) id += 1;
  links.set(id, { ...link, id });
  return id;
}
