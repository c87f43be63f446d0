/** Commands that put nodes in order. */

import { align, distribute } from '../model/edit_align';
import { arrange } from '../model/layout';
import type { Graph } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { useDocuments } from '../state/documents';
import { selectedNodes } from './selected';
import type { Command } from './types';

const SIDES = ['left', 'right', 'top', 'bottom', 'centre', 'middle'] as const;
const DIRECTIONS = ['horizontal', 'vertical'] as const;

const several = (least: number) => (): boolean => selectedNodes().size >= least;

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

export const arrangeCommands: readonly Command[] = [
  { id: 'arrange.all', title: 'command.arrange', group: 'arrange', keys: ['Alt+KeyL'], run: tidy },
  ...SIDES.map(
    (side): Command => ({
      id: `arrange.align.${side}`,
      title: `command.align.${side}`,
      group: 'arrange',
      keys: [],
      when: several(2),
      run: () => edit('step.aligned', (graph) => align(graph, selectedNodes(), side)),
    }),
  ),
  ...DIRECTIONS.map(
    (direction): Command => ({
      id: `arrange.distribute.${direction}`,
      title: `command.distribute.${direction}`,
      group: 'arrange',
      keys: [],
      when: several(3),
      run: () => edit('step.distributed', (graph) => distribute(graph, selectedNodes(), direction)),
    }),
  ),
];

/** The selected nodes, where there are several, else all. */
function tidy(): void {
  const ids = selectedNodes();
  const { definitions } = useDefinitions.getState();
  edit('step.arranged', (graph) =>
    ids.size > 1 ? arrange(graph, definitions, ids) : arrange(graph, definitions),
  );
}
