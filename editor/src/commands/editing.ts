/** Commands that undo, copy, delete and select. */

import { copy, cut, paste } from '../app/clipboard';
import { duplicated } from '../model/clipboard';
import { removeGroups } from '../model/edit_groups';
import { disconnectAll } from '../model/edit_links';
import { removeNodes } from '../model/edit_remove';
import { downstream, upstream } from '../model/select';
import type { Graph, NodeId } from '../model/types';
import { activeDocument, innerOf, useDocuments } from '../state/documents';
import { hasNodes, hasSelection, selectedNodes } from './selected';
import type { Command } from './types';

export const editCommands: readonly Command[] = [
  {
    id: 'edit.undo',
    title: 'command.undo',
    group: 'edit',
    keys: ['$mod+z'],
    when: () => activeDocument().past.length > 0,
    about: () => activeDocument().past.at(-1)?.label ?? null,
    run: () => useDocuments.getState().undo(),
  },
  {
    id: 'edit.redo',
    title: 'command.redo',
    group: 'edit',
    keys: ['$mod+Shift+z', '$mod+y'],
    when: () => activeDocument().future.length > 0,
    about: () => activeDocument().future.at(-1)?.label ?? null,
    run: () => useDocuments.getState().redo(),
  },
  {
    id: 'edit.copy',
    title: 'command.copy',
    group: 'edit',
    keys: ['$mod+c'],
    native: true,
    when: hasNodes,
    run: copy,
  },
  {
    id: 'edit.cut',
    title: 'command.cut',
    group: 'edit',
    keys: ['$mod+x'],
    native: true,
    when: hasNodes,
    run: cut,
  },
  {
    id: 'edit.paste',
    title: 'command.paste',
    group: 'edit',
    keys: ['$mod+v'],
    native: true,
    run: () => paste(false),
  },
  {
    id: 'edit.pasteLinked',
    title: 'command.pasteLinked',
    group: 'edit',
    keys: ['$mod+Shift+v'],
    native: true,
    run: () => paste(true),
  },
  {
    id: 'edit.duplicate',
    title: 'command.duplicate',
    group: 'edit',
    keys: ['$mod+d'],
    when: hasNodes,
    run: duplicate,
  },
  {
    id: 'edit.delete',
    title: 'command.delete',
    group: 'edit',
    keys: ['Delete', 'Backspace'],
    when: hasSelection,
    run: () => remove(false),
  },
  {
    id: 'edit.deleteReconnect',
    title: 'command.deleteReconnect',
    group: 'edit',
    keys: ['$mod+Delete', '$mod+Backspace'],
    when: hasNodes,
    run: () => remove(true),
  },
  { id: 'edit.selectAll', title: 'command.selectAll', group: 'edit', keys: ['$mod+a'], run: selectAll },
  {
    id: 'edit.selectUpstream',
    title: 'command.selectUpstream',
    group: 'edit',
    keys: [],
    when: hasNodes,
    run: () => grow(upstream),
  },
  {
    id: 'edit.selectDownstream',
    title: 'command.selectDownstream',
    group: 'edit',
    keys: [],
    when: hasNodes,
    run: () => grow(downstream),
  },
];

function duplicate(): void {
  const inner = innerOf(activeDocument());
  const made = duplicated(inner, selectedNodes());
  useDocuments.getState().edit('step.duplicated', () => made.graph, { select: { nodes: new Set(made.ids) } });
}

function remove(reconnect: boolean): void {
  const { nodes, links, groups } = activeDocument().selection;
  const change = (graph: Graph): Graph => {
    const withoutNodes = removeNodes(graph, nodes, { reconnect });
    const withoutLinks = links.size === 0 ? withoutNodes : disconnectAll(withoutNodes, links);
    return groups.size === 0 ? withoutLinks : removeGroups(withoutLinks, groups);
  };
  useDocuments.getState().edit('step.deleted', change, { select: {} });
}

function selectAll(): void {
  const inner = innerOf(activeDocument());
  useDocuments.getState().select({ nodes: new Set(inner.nodes.keys()) });
}

function grow(along: (graph: Graph, ids: ReadonlySet<NodeId>) => ReadonlySet<NodeId>): void {
  const nodes = along(innerOf(activeDocument()), selectedNodes());
  useDocuments.getState().select({ nodes: new Set([...selectedNodes(), ...nodes]) });
}
