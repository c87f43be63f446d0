/** Edits that hide the inputs of nodes that nothing is connected to, and show them again. */

import type { Definitions } from './definition';
import { isBoundary, linkInto, withNodes } from './graph';
import { hiddenInputs, withHidden } from './hidden';
import { definitionOf } from './instances';
import { minimalSize } from './measures';
import type { Graph, GraphNode, NodeId } from './types';

/** Widgets keep their rows: what they say counts, connected or not. */
function unconnected(graph: Graph, node: GraphNode): readonly string[] {
  if (isBoundary(node.id)) return [];
  return node.inputs.flatMap(({ name, widget }, slot) =>
    widget === null && linkInto(graph, node.id, slot) === null ? [name] : [],
  );
}

/** Whether one of them hides something. */
export function hidesInputs(graph: Graph, ids: Iterable<NodeId>): boolean {
  return [...ids].some((id) => {
    const node = graph.nodes.get(id);
    return node !== undefined && hiddenInputs(node).size > 0;
  });
}

/** The nodes become lower by the rows that go, and as tall as they were once these are back. */
export function hideInputs(
  graph: Graph,
  definitions: Definitions,
  ids: Iterable<NodeId>,
  isHidden: boolean,
): Graph {
  return withNodes(graph, ids, (node) => {
    const names = isHidden
      ? new Set([...hiddenInputs(node), ...unconnected(graph, node)])
      : new Set<string>();
    if (names.size === hiddenInputs(node).size) return node;
    const definition = definitionOf(graph, node, definitions);
    const changed = withHidden(node, names);
    const by = minimalSize(changed, definition)[1] - minimalSize(node, definition)[1];
    return { ...changed, size: [node.size[0], Math.max(0, node.size[1] + by)] };
  });
}
