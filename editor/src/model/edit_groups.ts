/** Edits of groups, the titled frames behind nodes. */

import type { Box } from './bounds';
import { boundsOf, contains, moved, samePoint } from './bounds';
import { moveNodes } from './edit_nodes';
import { moveReroutes } from './edit_reroutes';
import { membersOf } from './select';
import type { Graph, GraphNode, Group, GroupId, NodeId, Point } from './types';

export const GROUP_TITLE_HEIGHT = 36;
export const GROUP_PADDING = 16;

export type GroupChange = Partial<Pick<Group, 'title' | 'color' | 'pos' | 'size'>>;

export function freeGroupId(groups: readonly Group[]): GroupId {
  return groups.reduce((last, group) => Math.max(last, group.id), 0) + 1;
}

export function addGroup(graph: Graph, title: string, { pos, size }: Box): Graph {
  const group: Group = { id: freeGroupId(graph.groups), title, pos, size, color: null, extra: {} };
  return { ...graph, groups: [...graph.groups, group] };
}

/** The frame of a group around boxes, null for none. */
export function frameAround(boxes: Iterable<Box>): Box | null {
  const bounds = boundsOf(boxes);
  if (bounds === null) return null;
  return {
    pos: moved(bounds.pos, [-GROUP_PADDING, -GROUP_PADDING - GROUP_TITLE_HEIGHT]),
    size: [bounds.size[0] + 2 * GROUP_PADDING, bounds.size[1] + 2 * GROUP_PADDING + GROUP_TITLE_HEIGHT],
  };
}

/** What a node takes up: by itself what its file says. */
export type BoxOf = (node: GraphNode) => Box;

const asFiled: BoxOf = (node) => node;

export function groupAround(graph: Graph, ids: Iterable<NodeId>, title: string, boxOf = asFiled): Graph {
  const frame = frameAround([...ids].flatMap((id) => graph.nodes.get(id) ?? []).map(boxOf));
  return frame === null ? graph : addGroup(graph, title, frame);
}

function isWithin(inner: Box, outer: Box): boolean {
  return contains(outer, inner.pos) && contains(outer, moved(inner.pos, inner.size));
}

/** With all nodes, points and groups in it, or the frame alone. */
export function moveGroup(graph: Graph, id: GroupId, delta: Point, alone: boolean): Graph {
  const group = graph.groups.find((candidate) => candidate.id === id);
  if (group === undefined || (delta[0] === 0 && delta[1] === 0)) return graph;
  const goes = (other: Group) => other.id === id || (!alone && isWithin(other, group));
  const groups = graph.groups.map((other) =>
    goes(other) ? { ...other, pos: moved(other.pos, delta) } : other,
  );
  const framed = { ...graph, groups };
  if (alone) return framed;
  const nodes = [...membersOf(graph, group)].flatMap((member) => graph.nodes.get(member) ?? []);
  const points = [...graph.reroutes.values()].filter((reroute) => contains(group, reroute.pos));
  return moveReroutes(
    moveNodes(framed, new Map(nodes.map((node) => [node.id, moved(node.pos, delta)]))),
    new Map(points.map((reroute) => [reroute.id, moved(reroute.pos, delta)])),
  );
}

function isSo(group: Group, change: GroupChange): boolean {
  const after: Group = { ...group, ...change };
  return (
    after.title === group.title &&
    after.color === group.color &&
    samePoint(after.pos, group.pos) &&
    samePoint(after.size, group.size)
  );
}

export function editGroup(graph: Graph, id: GroupId, change: GroupChange): Graph {
  const before = graph.groups.find((group) => group.id === id);
  if (before === undefined || isSo(before, change)) return graph;
  return {
    ...graph,
    groups: graph.groups.map((group) => (group.id === id ? { ...group, ...change } : group)),
  };
}

/** The frames only; what is in them stays. */
export function removeGroups(graph: Graph, ids: Iterable<GroupId>): Graph {
  const removed = new Set(ids);
  const groups = graph.groups.filter((group) => !removed.has(group.id));
  return groups.length === graph.groups.length ? graph : { ...graph, groups };
}

/** A group made as large as the nodes in it need. */
export function fitGroup(graph: Graph, id: GroupId, boxOf = asFiled): Graph {
  const group = graph.groups.find((candidate) => candidate.id === id);
  if (group === undefined) return graph;
  const members = [...membersOf(graph, group)].flatMap((member) => graph.nodes.get(member) ?? []);
  const frame = frameAround(members.map(boxOf));
  return frame === null ? graph : editGroup(graph, id, frame);
}
