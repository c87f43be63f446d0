/** Lining nodes up and spreading them evenly. */

import type { Box } from './bounds';
import { boundsOf } from './bounds';
import { moveNodes } from './edit_nodes';
import type { Graph, GraphNode, NodeId, Point } from './types';

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';
export type Axis = 'horizontal' | 'vertical';

function chosen(graph: Graph, ids: Iterable<NodeId>): GraphNode[] {
  return [...ids].flatMap((id) => graph.nodes.get(id) ?? []);
}

function alignedTo({ pos, size }: Box, node: GraphNode, how: Alignment): Point {
  const [x, y] = node.pos;
  switch (how) {
    case 'left':
      return [pos[0], y];
    case 'centre':
      return [pos[0] + (size[0] - node.size[0]) / 2, y];
    case 'right':
      return [pos[0] + size[0] - node.size[0], y];
    case 'top':
      return [x, pos[1]];
    case 'middle':
      return [x, pos[1] + (size[1] - node.size[1]) / 2];
    case 'bottom':
      return [x, pos[1] + size[1] - node.size[1]];
  }
}

/** Along an edge or the middle of what they cover together. */
export function align(graph: Graph, ids: Iterable<NodeId>, how: Alignment): Graph {
  const nodes = chosen(graph, ids);
  const bounds = boundsOf(nodes);
  if (bounds === null || nodes.length < 2) return graph;
  return moveNodes(graph, new Map(nodes.map((node) => [node.id, alignedTo(bounds, node, how)])));
}

/** With the same gap between each and the next; the first and the last stay. */
export function distribute(graph: Graph, ids: Iterable<NodeId>, axis: Axis): Graph {
  const at = axis === 'horizontal' ? 0 : 1;
  const nodes = chosen(graph, ids).sort((one, other) => one.pos[at] - other.pos[at]);
  const bounds = boundsOf(nodes);
  const last = nodes.at(-1);
  if (bounds === null || last === undefined || nodes.length < 3) return graph;
  const covered = nodes.reduce((sum, node) => sum + node.size[at], 0);
  const gap = (last.pos[at] + last.size[at] - bounds.pos[at] - covered) / (nodes.length - 1);
  let next = bounds.pos[at];
  const positions = new Map<NodeId, Point>();
  for (const node of nodes) {
    positions.set(node.id, at === 0 ? [next, node.pos[1]] : [node.pos[0], next]);
    next += node.size[at] + gap;
  }
  return moveNodes(graph, positions);
}
