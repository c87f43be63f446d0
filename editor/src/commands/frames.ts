/** Commands for the selected groups and the nodes in them. */

import { warn } from '../app/messages';
import { run } from '../app/running';
import { boxesOf } from '../canvas/rectangles';
import { fitGroup, removeGroups } from '../model/edit_groups';
import { toggleMode } from '../model/edit_nodes';
import { removeNodes } from '../model/edit_remove';
import { BYPASSED, type Graph, type Mode, MUTED, type NodeId } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../state/documents';
import { groupMembers, hasGroups, selectedGroups } from './selected';
import type { Command } from './types';

const hasMembers = (): boolean => groupMembers().size > 0;

export const frameCommands: readonly Command[] = [
  { id: 'group.run', title: 'frames.run', group: 'run', keys: [], when: hasMembers, run: runMembers },
  {
    id: 'group.bypass',
    title: 'frames.bypass',
    group: 'node',
    keys: [],
    when: hasMembers,
    run: () => toggle(BYPASSED, 'step.bypassed'),
  },
  {
    id: 'group.mute',
    title: 'frames.mute',
    group: 'node',
    keys: [],
    when: hasMembers,
    run: () => toggle(MUTED, 'step.muted'),
  },
  { id: 'group.fit', title: 'frames.fit', group: 'node', keys: [], when: hasMembers, run: fit },
  {
    id: 'group.select',
    title: 'frames.select',
    group: 'edit',
    keys: [],
    when: hasMembers,
    run: () => useDocuments.getState().select({ nodes: groupMembers() }),
  },
  {
    id: 'group.remove',
    title: 'frames.removeWithNodes',
    group: 'edit',
    keys: [],
    when: () => hasGroups() && hasMembers(),
    run: removeWhole,
  },
];

/** Runs are for nodes that save or show something; those that they need run with them, wherever these lie. */
async function runMembers(): Promise<void> {
  const targets = [...groupMembers()].filter(showsSomething);
  if (targets.length === 0) warn('frames.nothingShown');
  else await run({ targets });
}

/** Whatever a subgraph holds may show something. */
function showsSomething(id: NodeId): boolean {
  const { nodes, subgraphs } = innerOf(activeDocument());
  const type = nodes.get(id)?.type ?? '';
  return subgraphs.has(type) || useDefinitions.getState().definitions.get(type)?.terminal === true;
}

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

function toggle(mode: Mode, label: string): void {
  const ids = groupMembers();
  edit(label, (graph) => toggleMode(graph, ids, mode));
}

function fit(): void {
  const groups = selectedGroups();
  edit('step.groupFitted', (graph) => {
    const boxes = boxesOf(graph);
    return groups.reduce((now, group) => fitGroup(now, group.id, boxes), graph);
  });
}

function removeWhole(): void {
  const [nodes, groups] = [groupMembers(), new Set(selectedGroups().map(({ id }) => id))];
  edit('step.deleted', (graph) => removeGroups(removeNodes(graph, nodes), groups));
}
