/** Where the things of a graph lie, as rectangles. */

import type { Box } from '../model/bounds';
import { definitionOf } from '../model/instances';
import type { Graph, GraphNode, NodeId, Point } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { drawnSize } from './derive';
import type { Rectangle } from './view';

/** Of these nodes; without ids of all nodes and groups. */
export function rectanglesOf(graph: Graph, ids?: Iterable<NodeId>): readonly Rectangle[] {
  const { definitions } = useDefinitions.getState();
  const wanted = ids === undefined ? null : new Set(ids);
  const rectangles: Rectangle[] = [];
  for (const node of graph.nodes.values()) {
    if (wanted !== null && !wanted.has(node.id)) continue;
    const [width, height] = drawnSize(node, definitionOf(graph, node, definitions));
    rectangles.push({ x: node.pos[0], y: node.pos[1], width, height });
  }
  if (wanted !== null) return rectangles;
  for (const { pos, size } of graph.groups)
    rectangles.push({ x: pos[0], y: pos[1], width: size[0], height: size[1] });
  return rectangles;
}

/** Where nodes are drawn, which may be elsewhere than their files say. */
export function boxesOf(graph: Graph): (node: GraphNode) => Box {
  const { definitions } = useDefinitions.getState();
  return (node) => ({ pos: node.pos, size: drawnSize(node, definitionOf(graph, node, definitions)) });
}

/** The node that is drawn over the others at a place. */
export function nodeAt(graph: Graph, [x, y]: Point): NodeId | null {
  const { definitions } = useDefinitions.getState();
  const found = [...graph.nodes.values()].findLast((node) => {
    const [width, height] = drawnSize(node, definitionOf(graph, node, definitions));
    const [left, top] = node.pos;
    return x >= left && x <= left + width && y >= top && y <= top + height;
  });
  return found?.id ?? null;
}
