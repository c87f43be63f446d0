/** The link that the dragged node would be put into if it were let go now. */

import { create } from 'zustand';
import { bestSocket, whyNot } from '../model/connect';
import { linksFrom, linksInto } from '../model/graph';
import type { Graph, LinkId, NodeId, Point } from '../model/types';

export interface DropTarget {
  readonly link: LinkId;
  readonly node: NodeId;
}

export const useDropLink = create<{ readonly target: DropTarget | null }>(() => ({ target: null }));

export function setDropTarget(target: DropTarget | null): void {
  const before = useDropLink.getState().target;
  if (before?.link !== target?.link || before?.node !== target?.node) useDropLink.setState({ target });
}

/** Whether a node without links has an input and an output of the type that flows there. */
export function fitsInto(graph: Graph, link: LinkId, id: NodeId): boolean {
  const node = graph.nodes.get(id);
  const there = graph.links.get(link);
  if (node === undefined || there === undefined || there.source === id || there.target === id) return false;
  if (linksInto(graph, id).length > 0 || linksFrom(graph, id).length > 0) return false;
  const input = bestSocket(node, there.type, 'input');
  const output = bestSocket(node, there.type, 'output');
  if (input === null || output === null) return false;
  const into = whyNot(
    graph,
    { node: there.source, slot: there.sourceSlot, side: 'output' },
    { node: id, slot: input, side: 'input' },
  );
  const from = whyNot(
    graph,
    { node: id, slot: output, side: 'output' },
    { node: there.target, slot: there.targetSlot, side: 'input' },
  );
  return into === null && from === null;
}

/** The link at a place of the page, whatever lies above it. */
export function linkAt([x, y]: Point): LinkId | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const id = element.closest('.react-flow__edge')?.getAttribute('data-id');
    if (id != null) return Number(id);
  }
  return null;
}
