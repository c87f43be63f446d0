/** What is selected in the active workflow, for commands that work on it. */

import { membersOf } from '../model/select';
import type { GraphNode, Group, NodeId } from '../model/types';
import { activeDocument, innerOf } from '../state/documents';

export function selectedNodes(): ReadonlySet<NodeId> {
  return activeDocument().selection.nodes;
}

export function hasNodes(): boolean {
  return selectedNodes().size > 0;
}

/** In the order of the file. */
export function selectedGroups(): readonly Group[] {
  const { groups } = activeDocument().selection;
  return groups.size === 0 ? [] : innerOf(activeDocument()).groups.filter(({ id }) => groups.has(id));
}

export function hasGroups(): boolean {
  return activeDocument().selection.groups.size > 0;
}

/** The nodes that lie in the selected groups. */
export function groupMembers(): ReadonlySet<NodeId> {
  const inner = innerOf(activeDocument());
  return new Set(selectedGroups().flatMap((group) => [...membersOf(inner, group)]));
}

/** The selected nodes; where only groups are selected, those in them. */
export function nodesMeant(): ReadonlySet<NodeId> {
  return hasNodes() ? selectedNodes() : groupMembers();
}

export function hasNodesMeant(): boolean {
  return nodesMeant().size > 0;
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
