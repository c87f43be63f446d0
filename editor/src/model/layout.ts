/** Setting nodes out in layers from left to right. */

import { boundsOf, minus, moved } from './bounds';
import type { Definitions } from './definition';
import { frameAround } from './edit_groups';
import { moveNodes } from './edit_nodes';
import { moveReroutes } from './edit_reroutes';
import { isBoundary } from './graph';
import { definitionOf } from './instances';
import type { Edge, Edges } from './layout_columns';
import { inColumns } from './layout_columns';
import { shownSize, socketPosition } from './measures';
import { chainOf } from './reroute_chains';
import { membersOf } from './select';
import type { Graph, Group, GroupId, NodeId, Point, RerouteId, Size, Socket } from './types';

const GAPS: Size = [70, 36];
const REROUTE_SIZE: Size = [12, 12];
interface Layers {
  readonly nodes: ReadonlyMap<NodeId, Point>;
  readonly reroutes: ReadonlyMap<RerouteId, Point>;
}

const nodeKey = (id: NodeId) => `node ${id}`;
const rerouteKey = (id: RerouteId) => `reroute ${id}`;

interface Sizes {
  readonly definitions: Definitions;
  readonly of: ReadonlyMap<NodeId, Size>;
}

/** How far below the middle of its node a socket is. */
function offset(graph: Graph, { definitions, of }: Sizes, socket: Socket): number {
  const node = graph.nodes.get(socket.node);
  if (node === undefined) return 0;
  const height = of.get(socket.node)?.[1] ?? 0;
  return socketPosition(node, definitionOf(graph, node, definitions), socket)[1] - height / 2;
}

/** The points that links between the nodes pass, and the stretches between all of them. */
function stretches(graph: Graph, sizes: Sizes): readonly [Set<RerouteId>, Edges] {
  const points = new Set<RerouteId>();
  const edges: Edge[] = [];
  for (const link of graph.links.values()) {
    if (!sizes.of.has(link.source) || !sizes.of.has(link.target)) continue;
    let from = nodeKey(link.source);
    let leaves = offset(graph, sizes, { node: link.source, slot: link.sourceSlot, side: 'output' });
    for (const id of chainOf(graph, link)) {
      const key = rerouteKey(id);
      if (!points.has(id)) edges.push([from, key, leaves, 0]);
      points.add(id);
      [from, leaves] = [key, 0];
    }
    const enters = offset(graph, sizes, { node: link.target, slot: link.targetSlot, side: 'input' });
    edges.push([from, nodeKey(link.target), leaves, enters]);
  }
  return [points, edges];
}

function corner(middle: Point | undefined, [width, height]: Size): Point {
  const [x, y] = middle ?? [0, 0];
  return [Math.round(x - width / 2), Math.round(y - height / 2)];
}

function layers(graph: Graph, definitions: Definitions, sizes: ReadonlyMap<NodeId, Size>): Layers {
  const [points, edges] = stretches(graph, { definitions, of: sizes });
  const boxes = new Map<string, Size>();
  for (const [id, size] of sizes) boxes.set(nodeKey(id), size);
  for (const id of points) boxes.set(rerouteKey(id), REROUTE_SIZE);
  const middles = inColumns(boxes, edges, GAPS);
  return {
    nodes: new Map([...sizes].map(([id, size]) => [id, corner(middles.get(nodeKey(id)), size)])),
    reroutes: new Map([...points].map((id) => [id, corner(middles.get(rerouteKey(id)), [0, 0])])),
  };
}

/** Groups that held some of the nodes are drawn around these again. */
function regrouped(before: Graph, after: Graph, arranged: ReadonlySet<NodeId>): Graph {
  const frames = new Map<GroupId, Pick<Group, 'pos' | 'size'>>();
  for (const group of before.groups) {
    const members = membersOf(before, group);
    if (![...members].some((id) => arranged.has(id))) continue;
    const frame = frameAround([...members].flatMap((id) => after.nodes.get(id) ?? []));
    if (frame !== null) frames.set(group.id, frame);
  }
  if (frames.size === 0) return after;
  return { ...after, groups: after.groups.map((group) => ({ ...group, ...frames.get(group.id) })) };
}

/** All nodes, or those given, in layers after the flow; what they cover begins where it began before. */
export function arrange(graph: Graph, definitions: Definitions, ids?: Iterable<NodeId>): Graph {
  const sizes = new Map<NodeId, Size>();
  for (const id of ids ?? graph.nodes.keys()) {
    const node = graph.nodes.get(id);
    if (node === undefined || isBoundary(id)) continue;
    sizes.set(id, shownSize(node, definitionOf(graph, node, definitions)));
  }
  const before = boundsOf([...sizes.keys()].flatMap((id) => graph.nodes.get(id) ?? []));
  if (before === null || sizes.size < 2) return graph;
  const { nodes, reroutes } = layers(graph, definitions, sizes);
  const after = boundsOf([...nodes].map(([id, pos]) => ({ pos, size: sizes.get(id) ?? [0, 0] })));
  const shift = after === null ? ([0, 0] as const) : minus(before.pos, after.pos);
  const placed = moveNodes(graph, new Map([...nodes].map(([id, pos]) => [id, moved(pos, shift)])));
  const points = moveReroutes(placed, new Map([...reroutes].map(([id, pos]) => [id, moved(pos, shift)])));
  return regrouped(graph, points, new Set(sizes.keys()));
}
