/** Putting nodes into a subgraph and taking them out again. */

import { boundaryNodes, uniqueName, withBoundaryNodes } from './boundary';
import { boundsOf, minus } from './bounds';
import { reached } from './connect';
import { withLinks } from './edit_links';
import { emptyNode } from './edit_nodes';
import { addLink, groupsOf, merged } from './fragment';
import { freeNodeId, isBoundary, linkInto, linksFrom } from './graph';
import { minimalSize } from './measures';
import { reroutesOf } from './reroute_chains';
import type {
  Body,
  Boundary,
  Graph,
  GraphNode,
  Input,
  Link,
  LinkId,
  NodeId,
  Reroute,
  RerouteId,
  Subgraph,
} from './types';
import { NORMAL, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from './types';

interface Cut {
  readonly inside: readonly Link[];
  /** By the socket they come from. */
  readonly incoming: readonly (readonly Link[])[];
  readonly outgoing: readonly (readonly Link[])[];
}

function bySource(links: readonly Link[]): readonly (readonly Link[])[] {
  const sources = new Map<string, Link[]>();
  for (const link of links) {
    const key = `${link.sourceSlot} ${link.source}`;
    const known = sources.get(key);
    if (known === undefined) sources.set(key, [link]);
    else known.push(link);
  }
  return [...sources.values()];
}

function cut(graph: Graph, ids: ReadonlySet<NodeId>): Cut {
  const links = [...graph.links.values()];
  const incoming = links.filter((link) => ids.has(link.target) && !ids.has(link.source));
  return {
    inside: links.filter((link) => ids.has(link.target) && ids.has(link.source)),
    incoming: bySource(incoming.sort((one, other) => one.targetSlot - other.targetSlot)),
    outgoing: bySource(links.filter((link) => ids.has(link.source) && !ids.has(link.target))),
  };
}

/** Whether something outside lies between some of the nodes, so that one node in their place would feed itself. */
function surrounds(graph: Graph, ids: ReadonlySet<NodeId>, { outgoing }: Cut): boolean {
  const after = reached(
    graph,
    outgoing.flat().map((link) => link.target),
    'down',
  );
  return [...ids].some((id) => after.has(id));
}

function boundary(name: string, type: string, used: Set<string>): Boundary {
  const unique = uniqueName(name === '' ? type.toLowerCase() : name, used);
  used.add(unique);
  return { id: crypto.randomUUID(), name: unique, type, label: null, extra: {} };
}

function boundaryInputs(graph: Graph, incoming: Cut['incoming']): readonly Boundary[] {
  const used = new Set<string>();
  return incoming.flatMap(([link]) => {
    const input = link && graph.nodes.get(link.target)?.inputs[link.targetSlot];
    if (link === undefined || input === undefined) return [];
    return boundary(input.name, input.type === '*' ? link.type : input.type, used);
  });
}

function boundaryOutputs(graph: Graph, outgoing: Cut['outgoing']): readonly Boundary[] {
  const used = new Set<string>();
  return outgoing.flatMap(([link]) => {
    const output = link && graph.nodes.get(link.source)?.outputs[link.sourceSlot];
    if (link === undefined || output === undefined) return [];
    return boundary(output.name, output.type === '*' ? link.type : output.type, used);
  });
}

function innerLinks({ inside, incoming, outgoing }: Cut): ReadonlyMap<LinkId, Link> {
  const entering = incoming.flatMap((links, sourceSlot) =>
    links.map((link): Link => ({ ...link, source: SUBGRAPH_INPUTS, sourceSlot, reroute: null })),
  );
  const leaving = outgoing.flatMap((links, targetSlot) =>
    links.slice(0, 1).map((link): Link => ({ ...link, target: SUBGRAPH_OUTPUTS, targetSlot, reroute: null })),
  );
  return new Map([...inside, ...entering, ...leaving].map((link) => [link.id, link]));
}

function madeSubgraph(graph: Graph, ids: ReadonlySet<NodeId>, name: string, links: Cut): Subgraph {
  const inner = innerLinks(links);
  const used = reroutesOf(graph.reroutes, links.inside);
  const body: Body = {
    nodes: new Map([...graph.nodes].filter(([id]) => ids.has(id))),
    links: inner,
    reroutes: new Map([...graph.reroutes].filter(([id]) => used.has(id))),
    groups: groupsOf(graph, ids),
  };
  const subgraph: Subgraph = {
    id: crypto.randomUUID(),
    name,
    inputs: boundaryInputs(graph, links.incoming),
    outputs: boundaryOutputs(graph, links.outgoing),
    body,
    extra: {},
  };
  return withBoundaryNodes(subgraph, body, new Map(boundaryNodes(subgraph).map((node) => [node.id, node])));
}

function instanceOf(subgraph: Subgraph, id: NodeId, { incoming }: Cut): GraphNode {
  const leadsToWidgets = (slot: number) =>
    (incoming[slot] ?? []).every((link) => {
      return (subgraph.body.nodes.get(link.target)?.inputs[link.targetSlot]?.widget ?? null) !== null;
    });
  const pos = boundsOf(subgraph.body.nodes.values())?.pos ?? [0, 0];
  const node: GraphNode = {
    ...emptyNode(id, subgraph.id, pos),
    inputs: subgraph.inputs.map(({ name, type }, slot): Input => {
      return { name, type, widget: leadsToWidgets(slot) ? name : null, extra: {} };
    }),
    outputs: subgraph.outputs.map(({ name, type }) => ({ name, type, extra: {} })),
  };
  return { ...node, size: minimalSize(node, null) };
}

function outerLinks(graph: Graph, ids: ReadonlySet<NodeId>, instance: NodeId, links: Cut): Map<LinkId, Link> {
  const outer = new Map(
    [...graph.links].filter(([, link]) => !ids.has(link.source) && !ids.has(link.target)),
  );
  for (const [targetSlot, [link]] of links.incoming.entries()) {
    if (link !== undefined) outer.set(link.id, { ...link, target: instance, targetSlot });
  }
  for (const [sourceSlot, leaving] of links.outgoing.entries()) {
    for (const link of leaving) outer.set(link.id, { ...link, source: instance, sourceSlot });
  }
  return outer;
}

/**
 * The nodes put into a new subgraph, with one instance in their place, whose id is told.
 *
 * No id and the graph as it was: there are no such nodes, or what lies between them would have to be among them.
 */
export function toSubgraph(
  graph: Graph,
  ids: Iterable<NodeId>,
  name: string,
): { readonly graph: Graph; readonly id: NodeId | null } {
  const chosen = new Set([...ids].filter((id) => graph.nodes.has(id) && !isBoundary(id)));
  const links = cut(graph, chosen);
  if (chosen.size === 0 || surrounds(graph, chosen, links)) return { graph, id: null };
  const subgraph = madeSubgraph(graph, chosen, name, links);
  const number = freeNodeId(graph);
  const id = String(number);
  const nodes = new Map([...graph.nodes].filter(([node]) => !chosen.has(node)));
  nodes.set(id, instanceOf(subgraph, id, links));
  const groups = graph.groups.filter((group) => !subgraph.body.groups.includes(group));
  const subgraphs = new Map(graph.subgraphs).set(subgraph.id, subgraph);
  const outer = { ...graph, nodes, groups, subgraphs, lastNodeId: number };
  return { graph: withLinks(outer, outerLinks(graph, chosen, id, links)), id };
}

/** By name, as files may list the sockets of an instance in another order. */
function slotsByName(
  instance: readonly { readonly name: string }[],
  boundaries: readonly Boundary[],
): number[] {
  const slots = new Map(instance.map(({ name }, slot) => [name, slot]));
  return boundaries.map(({ name }, slot) => slots.get(name) ?? slot);
}

/** The nodes of a subgraph with the mode of the instance, and the values set on it where no link gives them. */
function innerNodes(graph: Graph, instance: GraphNode, { inputs, body }: Subgraph): readonly GraphNode[] {
  const nodes = new Map(body.nodes);
  const slots = slotsByName(instance.inputs, inputs);
  for (const [slot, { name }] of inputs.entries()) {
    const value = instance.values.get(name);
    if (value === undefined || linkInto(graph, instance.id, slots[slot] ?? slot) !== null) continue;
    for (const link of linksFrom(body, SUBGRAPH_INPUTS, slot)) {
      const node = nodes.get(link.target);
      const widget = node?.inputs[link.targetSlot]?.widget ?? null;
      if (node === undefined || widget === null) continue;
      nodes.set(node.id, { ...node, values: new Map(node.values).set(widget, value) });
    }
  }
  if (instance.mode === NORMAL) return [...nodes.values()];
  return [...nodes.values()].map((node) => ({
    ...node,
    mode: node.mode === NORMAL ? instance.mode : node.mode,
  }));
}

/** Let the points of one link follow those of another; the last of both together. */
function chained(
  reroutes: Map<RerouteId, Reroute>,
  upper: RerouteId | null,
  lower: RerouteId | null,
): RerouteId | null {
  if (lower === null || upper === null) return lower ?? upper;
  const seen = new Set<RerouteId>([upper]);
  let root = reroutes.get(lower);
  while (root !== undefined && root.parent !== null && !seen.has(root.id)) {
    seen.add(root.id);
    if (root.parent === upper) return lower;
    root = reroutes.get(root.parent);
  }
  if (root !== undefined && !seen.has(root.id)) reroutes.set(root.id, { ...root, parent: upper });
  return lower;
}

type Half = Pick<Link, 'source' | 'sourceSlot' | 'reroute'>;

interface Joint {
  readonly graph: Graph;
  readonly instance: GraphNode;
  readonly subgraph: Subgraph;
  readonly names: ReadonlyMap<NodeId, NodeId>;
  readonly points: ReadonlyMap<RerouteId, RerouteId>;
  readonly reroutes: Map<RerouteId, Reroute>;
}

/** Where a link inside begins as seen from outside; null where nothing is connected there. */
function beginning(joint: Joint, link: Link, inputs: readonly number[]): Half | null {
  const own = link.reroute === null ? null : (joint.points.get(link.reroute) ?? null);
  if (link.source !== SUBGRAPH_INPUTS) {
    const source = joint.names.get(link.source);
    return source === undefined ? null : { source, sourceSlot: link.sourceSlot, reroute: own };
  }
  const outer = linkInto(joint.graph, joint.instance.id, inputs[link.sourceSlot] ?? link.sourceSlot);
  if (outer === null) return null;
  const { source, sourceSlot } = outer;
  return { source, sourceSlot, reroute: chained(joint.reroutes, outer.reroute, own) };
}

/** The links that went through the instance, from one real end to the other. */
function throughLinks(joint: Joint): readonly Omit<Link, 'id'>[] {
  const { graph, instance, subgraph, names, reroutes } = joint;
  const inputs = slotsByName(instance.inputs, subgraph.inputs);
  const outputs = slotsByName(instance.outputs, subgraph.outputs);
  const joined: Omit<Link, 'id'>[] = [];
  for (const link of subgraph.body.links.values()) {
    if (!isBoundary(link.source) && !isBoundary(link.target)) continue;
    const half = beginning(joint, link, inputs);
    if (half === null) continue;
    if (link.target !== SUBGRAPH_OUTPUTS) {
      const target = names.get(link.target);
      if (target !== undefined) joined.push({ ...link, ...half, target });
      continue;
    }
    for (const outer of linksFrom(graph, instance.id, outputs[link.targetSlot] ?? link.targetSlot)) {
      joined.push({ ...outer, ...half, reroute: chained(reroutes, half.reroute, outer.reroute) });
    }
  }
  return joined;
}

/** What an instance stands for in its place. The subgraph stays known; `atPath` drops it once nothing uses it. */
export function unpacked(graph: Graph, id: NodeId): Graph {
  const instance = graph.nodes.get(id);
  const subgraph = instance && graph.subgraphs.get(instance.type);
  if (instance === undefined || subgraph === undefined) return graph;
  const { body } = subgraph;
  const nodes = new Map(graph.nodes);
  nodes.delete(id);
  const rest = [...graph.links].filter(([, link]) => link.source !== id && link.target !== id);
  const fragment = {
    nodes: innerNodes(graph, instance, subgraph),
    links: [...body.links.values()].filter((link) => !isBoundary(link.source) && !isBoundary(link.target)),
    reroutes: [...body.reroutes.values()],
    groups: body.groups,
  };
  const corner = boundsOf(body.nodes.values())?.pos ?? instance.pos;
  const result = merged(
    { ...graph, nodes, links: new Map(rest) },
    fragment,
    minus(instance.pos, corner),
    true,
  );
  const reroutes = new Map(result.graph.reroutes);
  const joint = { graph, instance, subgraph, names: result.nodes, points: result.reroutes, reroutes };
  const links = new Map(result.graph.links);
  let { lastLinkId } = result.graph;
  for (const link of throughLinks(joint)) lastLinkId = addLink(links, lastLinkId, link);
  return withLinks({ ...result.graph, links: graph.links, reroutes, lastLinkId }, links);
}
