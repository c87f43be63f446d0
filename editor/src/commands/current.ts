/** The commands there are now, with the keys that work now: those of the table and those of extensions. */

import { create } from 'zustand';
import { useKeys, withKeys } from './keys';
import { COMMANDS } from './table';
import type { Command } from './types';

interface AddedState {
  readonly all: readonly Command[];
  /** The ids of those that stand in the menu of a node. */
  readonly ofNodes: readonly string[];
}

const useAdded = create<AddedState>()(() => ({ all: COMMANDS, ofNodes: [] }));

/** Returns what takes it away again. Throws for an id that is taken. */
export function addCommand(added: Command, place: 'node' | null = null): () => void {
  if (useAdded.getState().all.some(({ id }) => id === added.id))
    throw new Error(`There is a command ${added.id}.`);
  useAdded.setState(({ all, ofNodes }) => ({
    all: [...all, added],
    ofNodes: place === 'node' ? [...ofNodes, added.id] : ofNodes,
  }));
  return () =>
    useAdded.setState(({ all, ofNodes }) => ({
      all: all.filter((each) => each !== added),
      ofNodes: ofNodes.filter((id) => id !== added.id),
    }));
}

let known: {
  readonly all: unknown;
  readonly changed: unknown;
  readonly commands: readonly Command[];
} | null = null;

export function commandsNow(): readonly Command[] {
  const { all } = useAdded.getState();
  const { changed } = useKeys.getState();
  if (known?.all !== all || known.changed !== changed)
    known = { all, changed, commands: withKeys(all, changed) };
  return known.commands;
}

/** The keys a command has when nobody has changed them. */
export function usualKeys(id: string): readonly string[] {
  return useAdded.getState().all.find((each) => each.id === id)?.keys ?? [];
}

export function useCommands(): readonly Command[] {
  useAdded((state) => state.all);
  useKeys((state) => state.changed);
  return commandsNow();
}

export function useNodeCommands(): readonly string[] {
  return useAdded((state) => state.ofNodes);
}

/** Throws for an unknown id: ids are only written in this project. */
export function useCommand(id: string): Command {
  const found = useCommands().find((each) => each.id === id);
  if (found === undefined) throw new Error(`no command ${id}`);
  return found;
}
