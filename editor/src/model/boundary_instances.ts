/** What becomes of the instances of a subgraph whose inputs or outputs were added, removed, renamed or put in another order. */

import { keptReroutes } from './reroute_chains';
import type {
  Body,
  Boundary,
  Graph,
  GraphNode,
  Input,
  Json,
  JsonObject,
  Link,
  LinkId,
  NodeId,
  Output,
  Subgraph,
} from './types';
import { SUBGRAPH_INPUTS } from './types';

/** The widget that an input of a subgraph leads to, if that is all it leads to. */
function promoted(subgraph: Subgraph, slot: number): { readonly value: Json | undefined } | null {
  let found: { readonly value: Json | undefined } | null = null;
  for (const link of subgraph.body.links.values()) {
    if (link.source !== SUBGRAPH_INPUTS || link.sourceSlot !== slot) continue;
    const node = subgraph.body.nodes.get(link.target);
    const widget = node?.inputs[link.targetSlot]?.widget ?? null;
    if (widget === null) return null;
    found ??= { value: node?.values.get(widget) };
  }
  return found;
}

interface Side {
  readonly before: readonly Boundary[];
  readonly after: readonly Boundary[];
}

/** Where each socket of an instance goes; null for one that is gone. Files may list them in another order than the subgraph. */
function ways(sockets: readonly Output[], { before, after }: Side): readonly (number | null)[] {
  const places = new Map(after.map(({ id }, at) => [id, at]));
  const byName = new Map(before.map(({ id, name }) => [name, places.get(id) ?? null]));
  let next = after.length;
  return sockets.map((socket, at) => {
    const way = byName.get(socket.name);
    if (way !== undefined) return way;
    const boundary = before[at];
    if (boundary !== undefined && !sockets.some(({ name }) => name === boundary.name))
      return places.get(boundary.id) ?? null;
    next += 1;
    return next - 1;
  });
}

function labelled(extra: JsonObject, label: string | null): JsonObject {
  if (label !== null) return extra.label === label ? extra : { ...extra, label };
  if (extra.label === undefined) return extra;
  const { label: _, ...rest } = extra;
  return rest;
}

/** The sockets that stay at their new places, with what is new between them. */
function moved<Kind extends Output>(
  sockets: readonly Kind[],
  slots: readonly (number | null)[],
  side: Side,
  made: (boundary: Boundary, slot: number) => Kind,
): readonly Kind[] {
  const there = new Map<number, Kind>();
  for (const [at, socket] of sockets.entries()) {
    const slot = slots[at] ?? null;
    if (slot !== null) there.set(slot, socket);
  }
  const labels = new Map(side.before.map(({ id, label }) => [id, label]));
  const listed = side.after.map((boundary, slot): Kind => {
    const socket = there.get(slot);
    if (socket === undefined) return made(boundary, slot);
    const { id, label } = boundary;
    return labels.get(id) === label ? socket : { ...socket, extra: labelled(socket.extra, label) };
  });
  const others = [...there].filter(([slot]) => slot >= side.after.length).map(([, socket]) => socket);
  return [...listed, ...others];
}

interface Change {
  readonly node: GraphNode;
  readonly inputs: readonly (number | null)[];
  readonly outputs: readonly (number | null)[];
}

function changed(node: GraphNode, before: Subgraph, after: Subgraph): Change {
  const values = new Map(node.values);
  const [into, out]: readonly Side[] = [
    { before: before.inputs, after: after.inputs },
    { before: before.outputs, after: after.outputs },
  ];
  const inputs = into === undefined ? [] : ways(node.inputs, into);
  const outputs = out === undefined ? [] : ways(node.outputs, out);
  for (const [at, { name }] of node.inputs.entries()) if (inputs[at] === null) values.delete(name);
  const input = ({ name, type, label }: Boundary, slot: number): Input => {
    const widget = promoted(after, slot);
    if (widget?.value !== undefined) values.set(name, widget.value);
    return { name, type, widget: widget === null ? null : name, extra: labelled({}, label) };
  };
  const output = ({ name, type, label }: Boundary): Output => ({ name, type, extra: labelled({}, label) });
  return {
    inputs,
    outputs,
    node: {
      ...node,
      inputs: into === undefined ? node.inputs : moved(node.inputs, inputs, into, input),
      outputs: out === undefined ? node.outputs : moved(node.outputs, outputs, out, output),
      values,
    },
  };
}

function relinked(link: Link, changes: ReadonlyMap<NodeId, Change>): Link | null {
  const [source, target] = [changes.get(link.source), changes.get(link.target)];
  if (source === undefined && target === undefined) return link;
  const sourceSlot = source === undefined ? link.sourceSlot : source.outputs[link.sourceSlot];
  const targetSlot = target === undefined ? link.targetSlot : target.inputs[link.targetSlot];
  if (sourceSlot == null || targetSlot == null) return null;
  const isSame = sourceSlot === link.sourceSlot && targetSlot === link.targetSlot;
  return isSame ? link : { ...link, sourceSlot, targetSlot };
}

/** A body in which every instance of a subgraph has its inputs and outputs as they are now, with the links that stay. */
export function withChangedInstances<Holder extends Body>(
  body: Holder,
  before: Subgraph,
  after: Subgraph,
): Holder {
  if (before.inputs === after.inputs && before.outputs === after.outputs) return body;
  const changes = new Map<NodeId, Change>();
  for (const node of body.nodes.values()) {
    if (node.type === after.id) changes.set(node.id, changed(node, before, after));
  }
  if (changes.size === 0) return body;
  const nodes = new Map([...body.nodes].map(([id, node]) => [id, changes.get(id)?.node ?? node]));
  const links = new Map<LinkId, Link>();
  for (const link of body.links.values()) {
    const kept = relinked(link, changes);
    if (kept !== null) links.set(link.id, kept);
  }
  return { ...body, nodes, links, reroutes: keptReroutes(body, links) };
}

/** As `withChangedInstances` for a graph and all its subgraphs. */
export function withAllInstances(graph: Graph, before: Subgraph, after: Subgraph): Graph {
  if (before.inputs === after.inputs && before.outputs === after.outputs) return graph;
  const subgraphs = new Map(graph.subgraphs);
  for (const subgraph of subgraphs.values()) {
    const body = withChangedInstances(subgraph.body, before, after);
    if (body !== subgraph.body) subgraphs.set(subgraph.id, { ...subgraph, body });
  }
  return { ...withChangedInstances(graph, before, after), subgraphs };
}
