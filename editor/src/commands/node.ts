/** Commands that change the selected nodes or add new ones. */

import { useInterface } from '../app/interface';
import { warn } from '../app/messages';
import { openPalette } from '../app/placing';
import { canvas } from '../canvas/controls';
import { groupFlowId } from '../canvas/flow';
import { toggleInputs } from '../canvas/hiding';
import { boxesOf } from '../canvas/rectangles';
import { translated } from '../i18n';
import { groupAround } from '../model/edit_groups';
import { addNote, setCollapsed, toggleMode } from '../model/edit_nodes';
import { toSubgraph, unpacked } from '../model/subgraphs';
import { BYPASSED, type Graph, type Mode, MUTED } from '../model/types';
import { activeDocument, innerOf, useDocuments } from '../state/documents';
import { hasNodes, hasNodesMeant, nodesMeant, onlyNode, selectedGroups, selectedNodes } from './selected';
import type { Command } from './types';

export const nodeCommands: readonly Command[] = [
  {
    id: 'node.add',
    title: 'command.addNode',
    group: 'node',
    keys: ['n', 'Space', 'Shift+a'],
    run: () => openPalette(),
  },
  { id: 'node.note', title: 'command.addNote', group: 'node', keys: [], run: () => note('MarkdownNote') },
  {
    id: 'node.bypass',
    title: 'command.bypass',
    group: 'node',
    keys: ['$mod+b'],
    when: hasNodesMeant,
    run: () => toggle(BYPASSED, 'step.bypassed'),
  },
  {
    id: 'node.mute',
    title: 'command.mute',
    group: 'node',
    keys: ['$mod+m'],
    when: hasNodesMeant,
    run: () => toggle(MUTED, 'step.muted'),
  },
  {
    id: 'node.collapse',
    title: 'command.collapse',
    group: 'node',
    keys: ['Alt+KeyC'],
    when: hasNodes,
    run: toggleCollapsed,
  },
  {
    id: 'node.hideInputs',
    title: 'canvas.hideInputs',
    group: 'node',
    keys: ['$mod+h'],
    when: hasNodes,
    run: () => toggleInputs([...selectedNodes()]),
  },
  {
    id: 'node.rename',
    title: 'command.rename',
    group: 'node',
    keys: ['F2'],
    when: () => titled() !== null,
    run: rename,
  },
  { id: 'node.group', title: 'command.group', group: 'node', keys: ['$mod+g'], when: hasNodes, run: group },
  {
    id: 'node.subgraph',
    title: 'command.subgraph',
    group: 'node',
    keys: ['$mod+Shift+g'],
    when: hasNodes,
    run: askSubgraph,
  },
  {
    id: 'node.unpack',
    title: 'command.unpack',
    group: 'node',
    keys: [],
    isSpecial: true,
    when: isSubgraph,
    run: unpack,
  },
  {
    id: 'node.enter',
    title: 'command.enter',
    group: 'node',
    keys: [],
    isSpecial: true,
    when: isSubgraph,
    run: enter,
  },
  {
    id: 'node.leave',
    title: 'command.leave',
    group: 'node',
    keys: ['Escape'],
    when: () => activeDocument().path.length > 0 && !hasNodes(),
    run: () => useDocuments.getState().leave(activeDocument().path.length - 1),
  },
];

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

/** All of them so; where they are already, all normal again. */
function toggle(mode: Mode, label: string): void {
  const ids = nodesMeant();
  edit(label, (graph) => toggleMode(graph, ids, mode));
}

function toggleCollapsed(): void {
  const ids = selectedNodes();
  edit('step.collapsed', (graph) => {
    const already = [...ids].every((id) => graph.nodes.get(id)?.collapsed === true);
    return setCollapsed(graph, ids, !already);
  });
}

/** The one node or group that is selected, as the canvas names it. */
function titled(): string | null {
  const [group, ...others] = selectedGroups();
  if (!hasNodes() && group !== undefined && others.length === 0) return groupFlowId(group.id);
  return onlyNode()?.id ?? null;
}

function rename(): void {
  const flowId = titled();
  if (flowId !== null) canvas().editTitle(flowId);
}

function note(kind: 'Note' | 'MarkdownNote'): void {
  const made = addNote(innerOf(activeDocument()), canvas().pointer(), kind);
  useDocuments.getState().edit('step.added', () => made.graph, { select: { nodes: new Set([made.id]) } });
}

function group(): void {
  const ids = selectedNodes();
  edit('step.grouped', (graph) => groupAround(graph, ids, translated('command.groupName'), boxesOf(graph)));
}

function askSubgraph(): void {
  useInterface.getState().ask({
    title: translated('command.subgraph'),
    value: translated('command.subgraphName'),
    answer: (name) => {
      const made = toSubgraph(innerOf(activeDocument()), selectedNodes(), name);
      if (made.id === null) return warn('command.noSubgraph');
      useDocuments
        .getState()
        .edit('step.subgraph', () => made.graph, { select: { nodes: new Set([made.id]) } });
    },
  });
}

function isSubgraph(): boolean {
  const node = onlyNode();
  return node !== null && activeDocument().graph.subgraphs.has(node.type);
}

function unpack(): void {
  const node = onlyNode();
  if (node !== null) edit('step.unpacked', (graph) => unpacked(graph, node.id));
}

function enter(): void {
  const node = onlyNode();
  if (node !== null) useDocuments.getState().enter(node.id);
}
