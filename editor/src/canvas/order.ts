/** The order in which the keyboard goes through a graph: along the flow, from left to right and top to bottom. */

import { linksFrom, linksInto } from '../model/graph';
import type { Graph, GraphNode, NodeId, Point } from '../model/types';

function isBefore(one: GraphNode, other: GraphNode): boolean {
  return one.pos[0] !== other.pos[0] ? one.pos[0] < other.pos[0] : one.pos[1] < other.pos[1];
}

/** The leftmost of those that wait, taken out; a binary heap, so that large graphs are no slower. */
class Waiting {
  readonly #heap: GraphNode[] = [];

  push(node: GraphNode): void {
    const heap = this.#heap;
    let at = heap.push(node) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isBefore(node, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = node;
  }

  pop(): GraphNode | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return top;
  }

  #sink(node: GraphNode): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left !== undefined && right !== undefined && isBefore(right, left)) child += 1;
      const least = heap[child];
      if (least === undefined || !isBefore(least, node)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = node;
  }
}

const known = new WeakMap<
  ReadonlyMap<NodeId, GraphNode>,
  { links: Graph['links']; order: readonly NodeId[] }
>();

/** Every node after all that lead to it; what lies in a cycle comes last. */
export function flowOrder(graph: Graph): readonly NodeId[] {
  const before = known.get(graph.nodes);
  if (before !== undefined && before.links === graph.links) return before.order;
  const order = madeOrder(graph);
  known.set(graph.nodes, { links: graph.links, order });
  return order;
}

function madeOrder(graph: Graph): readonly NodeId[] {
  const open = new Map<NodeId, number>();
  const waiting = new Waiting();
  for (const node of graph.nodes.values()) {
    const count = linksInto(graph, node.id).filter((link) => graph.nodes.has(link.source)).length;
    open.set(node.id, count);
    if (count === 0) waiting.push(node);
  }
  const order = new Set<NodeId>();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order.add(node.id);
    for (const link of linksFrom(graph, node.id)) {
      const left = (open.get(link.target) ?? 0) - 1;
      open.set(link.target, left);
      const target = graph.nodes.get(link.target);
      if (left === 0 && target !== undefined) waiting.push(target);
    }
  }
  for (const id of graph.nodes.keys()) order.add(id);
  return [...order];
}

/** The node after this one (or before it); null at the end, where the keyboard leaves the canvas. */
export function nextInFlow(graph: Graph, id: NodeId, back: boolean): NodeId | null {
  const order = flowOrder(graph);
  const at = order.indexOf(id);
  return at < 0 ? null : (order[at + (back ? -1 : 1)] ?? null);
}

/** How far an arrow key moves what is selected. */
export function stepOf(key: string, isLarge: boolean): Point | null {
  const far = isLarge ? 100 : 10;
  switch (key) {
    case 'ArrowLeft':
      return [-far, 0];
    case 'ArrowRight':
      return [far, 0];
    case 'ArrowUp':
      return [0, -far];
    case 'ArrowDown':
      return [0, far];
    default:
      return null;
  }
}
