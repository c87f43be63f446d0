/** All commands there are. */

import { arrangeCommands } from './arrange';
import { editCommands } from './editing';
import { fileCommands } from './file';
import { frameCommands } from './frames';
import { nodeCommands } from './node';
import { pictureCommands } from './pictures';
import { runCommands } from './run';
import type { Command } from './types';
import { viewCommands } from './view';

export const COMMANDS: readonly Command[] = [
  ...runCommands,
  ...fileCommands,
  ...editCommands,
  ...nodeCommands,
  ...frameCommands,
  ...arrangeCommands,
  ...viewCommands,
  ...pictureCommands,
];

/** Throws for an unknown id: ids are only written in this project. */
export function command(id: string): Command {
  const found = COMMANDS.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no command ${id}`);
  return found;
}

export function canRun(each: Command): boolean {
  return each.when?.() !== false;
}
