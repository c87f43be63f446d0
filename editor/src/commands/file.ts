/** Commands for tabs and files. */

import { closeDocument } from '../app/closing';
import { chooseFiles, exportPrompt, exportWorkflow, newDocument, save } from '../app/files';
import { useInterface } from '../app/interface';
import type { Command } from './types';

const show = useInterface.getState().show;

export const fileCommands: readonly Command[] = [
  { id: 'file.new', title: 'command.new', group: 'file', keys: ['Alt+KeyN'], run: newDocument },
  {
    id: 'file.open',
    title: 'command.open',
    group: 'file',
    keys: ['$mod+o'],
    inFields: true,
    run: chooseFiles,
  },
  { id: 'file.save', title: 'command.save', group: 'file', keys: ['$mod+s'], inFields: true, run: save },
  {
    id: 'file.saveAs',
    title: 'command.saveAs',
    group: 'file',
    keys: ['$mod+Shift+s'],
    inFields: true,
    run: () => show('save'),
  },
  { id: 'file.export', title: 'command.export', group: 'file', keys: [], run: exportWorkflow },
  { id: 'file.exportPrompt', title: 'command.exportPrompt', group: 'file', keys: [], run: exportPrompt },
  { id: 'file.templates', title: 'command.templates', group: 'file', keys: [], run: () => show('templates') },
  {
    id: 'file.close',
    title: 'command.closeTab',
    group: 'file',
    keys: ['Alt+KeyW'],
    run: () => closeDocument(),
  },
];
