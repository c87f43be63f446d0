/** The nodes of a level in the order of the flow. */

import { flowOrder } from '../canvas/order';
import type { Graph, GraphNode } from '../model/types';

export function flowNodes(graph: Graph): readonly GraphNode[] {
  return flowOrder(graph).flatMap((id) => graph.nodes.get(id) ?? []);
}
