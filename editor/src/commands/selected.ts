/** What is selected in the active workflow, for commands that work on it. */

import type { GraphNode, NodeId } from '../model/types';
import { activeDocument, innerOf } from '../state/documents';

export function selectedNodes(): ReadonlySet<NodeId> {
  return activeDocument().selection.nodes;
}

export function hasNodes(): boolean {
  return selectedNodes().size > 0;
}

export function hasSelection(): boolean {
  const { nodes, links, groups } = activeDocument().selection;
  return nodes.size + links.size + groups.size > 0;
}

/** The one node that is selected, null for none or several. */
export function onlyNode(): GraphNode | null {
  const [id, ...others] = selectedNodes();
  if (id === undefined || others.length > 0) return null;
  return innerOf(activeDocument()).nodes.get(id) ?? null;
}
