/** Commands for what is seen: the canvas, panels, dialogs. */

import { goToPart } from '../app/focus';
import { useInterface } from '../app/interface';
import { complain, tell } from '../app/messages';
import { canvas } from '../canvas/controls';
import { useDefinitions } from '../state/definitions';
import { useSettings } from '../state/settings';
import { themeOf } from '../theme/theme';
import { selectedNodes } from './selected';
import type { Command } from './types';

const { show, toggleLeft, toggleRight } = useInterface.getState();
const NEARER = 1.25;

export const viewCommands: readonly Command[] = [
  { id: 'view.fit', title: 'command.fit', group: 'view', keys: ['.'], run: fit },
  {
    id: 'view.zoomIn',
    title: 'command.zoomIn',
    group: 'view',
    keys: ['Alt+Equal'],
    run: () => canvas().zoomBy(NEARER),
  },
  {
    id: 'view.zoomOut',
    title: 'command.zoomOut',
    group: 'view',
    keys: ['Alt+Minus'],
    run: () => canvas().zoomBy(1 / NEARER),
  },
  {
    id: 'view.zoomActual',
    title: 'command.zoomActual',
    group: 'view',
    keys: ['Alt+Digit0'],
    run: () => canvas().zoomTo(1),
  },
  { id: 'view.find', title: 'command.find', group: 'view', keys: ['$mod+f'], run: () => show('find') },
  {
    id: 'view.nextPart',
    title: 'command.nextPart',
    group: 'view',
    keys: ['F6'],
    inFields: true,
    run: () => goToPart(false),
  },
  {
    id: 'view.previousPart',
    title: 'command.previousPart',
    group: 'view',
    keys: ['Shift+F6'],
    inFields: true,
    run: () => goToPart(true),
  },
  { id: 'view.refresh', title: 'command.refresh', group: 'view', keys: ['r'], run: refresh },
  { id: 'view.snap', title: 'command.snap', group: 'view', keys: [], run: toggleSnap },
  { id: 'view.theme', title: 'command.theme', group: 'view', keys: [], run: toggleTheme },
  {
    id: 'panels.queue',
    title: 'command.queuePanel',
    group: 'panels',
    keys: ['q'],
    run: () => toggleLeft('queue'),
  },
  {
    id: 'panels.workflows',
    title: 'command.workflowsPanel',
    group: 'panels',
    keys: ['w'],
    run: () => toggleLeft('workflows'),
  },
  {
    id: 'panels.outline',
    title: 'command.outlinePanel',
    group: 'panels',
    keys: ['o'],
    run: () => toggleLeft('outline'),
  },
  {
    id: 'panels.inspector',
    title: 'command.inspectorPanel',
    group: 'panels',
    keys: ['i'],
    run: () => toggleRight('inspector'),
  },
  {
    id: 'panels.help',
    title: 'command.helpPanel',
    group: 'panels',
    keys: ['h'],
    run: () => toggleRight('help'),
  },
  {
    id: 'panels.errors',
    title: 'command.errorsPanel',
    group: 'panels',
    keys: [],
    run: () => toggleRight('errors'),
  },
  {
    id: 'view.settings',
    title: 'command.settings',
    group: 'panels',
    keys: ['$mod+Comma'],
    inFields: true,
    run: () => show('settings'),
  },
  {
    id: 'help.commands',
    title: 'command.commands',
    group: 'help',
    keys: ['$mod+k'],
    inFields: true,
    run: () => show('commands'),
  },
  {
    id: 'help.shortcuts',
    title: 'command.shortcuts',
    group: 'help',
    keys: ['[Shift]+?'],
    run: () => show('shortcuts'),
  },
];

function fit(): void {
  const ids = selectedNodes();
  if (ids.size > 0) canvas().fit(ids);
  else canvas().fit();
}

async function refresh(): Promise<void> {
  try {
    await useDefinitions.getState().refresh();
    tell('command.refreshed');
  } catch (error) {
    complain('command.notRefreshed', error);
  }
}

function toggleSnap(): void {
  const { snap, set } = useSettings.getState();
  set({ snap: !snap });
}

function toggleTheme(): void {
  const { theme, set } = useSettings.getState();
  set({ theme: themeOf(theme) === 'dark' ? 'light' : 'dark' });
}
