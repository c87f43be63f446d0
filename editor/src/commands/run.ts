/** Commands that hand workflows in and stop them. */

import { nextProblem } from '../app/problems';
import { interrupt, run } from '../app/running';
import { activeDocument } from '../state/documents';
import { useQueue } from '../state/queue';
import { useRuns } from '../state/runs';
import { selectedNodes } from './selected';
import type { Command } from './types';

export const runCommands: readonly Command[] = [
  {
    id: 'run.queue',
    title: 'command.run',
    group: 'run',
    keys: ['$mod+Enter'],
    inFields: true,
    run: () => run(),
  },
  {
    id: 'run.first',
    title: 'command.runFirst',
    group: 'run',
    keys: ['$mod+Shift+Enter'],
    inFields: true,
    run: () => run({ front: true }),
  },
  {
    id: 'run.selected',
    title: 'command.runSelected',
    group: 'run',
    keys: [],
    when: () => selectedNodes().size > 0,
    run: () => run({ targets: [...selectedNodes()] }),
  },
  {
    id: 'run.interrupt',
    title: 'command.interrupt',
    group: 'run',
    keys: ['$mod+Alt+Enter'],
    inFields: true,
    run: interrupt,
  },
  {
    id: 'run.clearQueue',
    title: 'command.clearQueue',
    group: 'run',
    keys: [],
    when: () => useQueue.getState().pending.length > 0,
    run: () => useQueue.getState().clearPending(),
  },
  {
    id: 'run.nextProblem',
    title: 'command.nextProblem',
    group: 'run',
    keys: ['f'],
    when: () => (useRuns.getState().problems.get(activeDocument().id) ?? []).length > 0,
    run: () => void nextProblem(),
  },
];
