/** What a drag does to a graph: nodes, reroutes and groups (with what lies in them) at other places. */

import { moveGroup } from '../model/edit_groups';
import { moveNodes } from '../model/edit_nodes';
import { moveReroutes } from '../model/edit_reroutes';
import type { Graph, GroupId, NodeId, Point, RerouteId } from '../model/types';
import { cornerOf, middleOf } from './derive';
import { drawnBy, groupFlowId, rerouteFlowId } from './flow';

export interface Moves {
  /** New upper left corners by flow id. */
  readonly corners: ReadonlyMap<string, Point>;
  /** Groups leave behind what lies in them. */
  readonly alone: boolean;
}

interface Sorted {
  readonly nodes: Map<NodeId, Point>;
  readonly reroutes: Map<RerouteId, Point>;
  readonly groups: Map<GroupId, Point>;
}

function sorted(corners: ReadonlyMap<string, Point>): Sorted {
  const result: Sorted = { nodes: new Map(), reroutes: new Map(), groups: new Map() };
  for (const [flowId, corner] of corners) {
    const drawn = drawnBy(flowId);
    if (drawn.kind === 'node') result.nodes.set(drawn.id, corner);
    else if (drawn.kind === 'group') result.groups.set(drawn.id, corner);
    else result.reroutes.set(drawn.id, middleOf(corner));
  }
  return result;
}

/** Groups first: what is moved together with one and by itself has to end where it was dragged to. */
export function afterMoves(graph: Graph, { corners, alone }: Moves): Graph {
  const { nodes, reroutes, groups } = sorted(corners);
  let result = graph;
  for (const group of graph.groups) {
    const corner = groups.get(group.id);
    const now = result.groups.find((each) => each.id === group.id);
    if (corner === undefined || now === undefined) continue;
    const delta: Point = [corner[0] - now.pos[0], corner[1] - now.pos[1]];
    if (delta[0] !== 0 || delta[1] !== 0) result = moveGroup(result, group.id, delta, alone);
  }
  if (nodes.size > 0) result = moveNodes(result, nodes);
  return reroutes.size > 0 ? moveReroutes(result, reroutes) : result;
}

function isElsewhere(one: Point | undefined, other: Point): boolean {
  return one === undefined || one[0] !== other[0] || one[1] !== other[1];
}

/** The corners of everything that lies elsewhere afterwards, by flow id. */
export function movedCorners(before: Graph, after: Graph): ReadonlyMap<string, Point> {
  const moved = new Map<string, Point>();
  if (after === before) return moved;
  for (const node of after.nodes.values()) {
    if (isElsewhere(before.nodes.get(node.id)?.pos, node.pos)) moved.set(node.id, node.pos);
  }
  for (const reroute of after.reroutes.values()) {
    if (isElsewhere(before.reroutes.get(reroute.id)?.pos, reroute.pos)) {
      moved.set(rerouteFlowId(reroute.id), cornerOf(reroute));
    }
  }
  const groups = new Map(before.groups.map((group) => [group.id, group.pos]));
  for (const group of after.groups) {
    if (isElsewhere(groups.get(group.id), group.pos)) moved.set(groupFlowId(group.id), group.pos);
  }
  return moved;
}

/** The corners of what is selected, all moved by the same distance. */
export function shifted(graph: Graph, flowIds: Iterable<string>, delta: Point): ReadonlyMap<string, Point> {
  const corners = new Map<string, Point>();
  for (const flowId of flowIds) {
    const corner = cornerIn(graph, flowId);
    if (corner !== null) corners.set(flowId, [corner[0] + delta[0], corner[1] + delta[1]]);
  }
  return corners;
}

function cornerIn(graph: Graph, flowId: string): Point | null {
  const drawn = drawnBy(flowId);
  if (drawn.kind === 'node') return graph.nodes.get(drawn.id)?.pos ?? null;
  if (drawn.kind === 'group') return graph.groups.find((group) => group.id === drawn.id)?.pos ?? null;
  const reroute = graph.reroutes.get(drawn.id);
  return reroute === undefined ? null : cornerOf(reroute);
}
