/** Which keys somebody has given to commands in place of the usual ones: kept in this browser for all windows. */

import * as v from 'valibot';
import { create } from 'zustand';
import { forAllWindows, readStored, store } from '../state/stored';
import { canonical, refusalOf } from './combinations';
import type { Command } from './types';

/** By the id of a command; none at all is an empty list. */
export type ChangedKeys = Readonly<Record<string, readonly string[]>>;

export interface KeysState {
  readonly changed: ChangedKeys;
  /** Give a command these keys; null gives back the usual ones. */
  set(id: string, keys: readonly string[] | null): void;
  /** All at once. */
  replace(changed: ChangedKeys): void;
}

const STORED = 'nodeloom.keys';
const MOST_KEYS = 8;
const schema = v.fallback(v.record(v.string(), v.fallback(v.nullable(v.array(v.string())), null)), {});

/** What is good of what was stored or imported; commands that are not there (yet) keep theirs. */
export function keysFrom(raw: unknown): ChangedKeys {
  const found = Object.entries(v.parse(schema, raw ?? {}));
  return Object.fromEntries(
    found.flatMap(([id, keys]) => (keys === null ? [] : [[id, keys.filter(isFree).slice(0, MOST_KEYS)]])),
  );
}

function isFree(keys: string): boolean {
  return refusalOf(keys) === null;
}

export const useKeys = create<KeysState>()((change, get) => {
  const keep = (changed: ChangedKeys): void => {
    change({ changed });
    store(forAllWindows, STORED, changed);
  };
  return {
    changed: keysFrom(readStored(forAllWindows, STORED)),
    set: (id, keys) => {
      const { [id]: _, ...others } = get().changed;
      keep(keys === null ? others : { ...others, [id]: keys });
    },
    replace: keep,
  };
});

/** What another window sets counts here too. */
globalThis.addEventListener?.('storage', (event) => {
  if (event instanceof StorageEvent && event.key === STORED)
    useKeys.setState({ changed: keysFrom(readStored(forAllWindows, STORED)) });
});

/**
 * The commands with the keys that work now. Each combination belongs to one command: what the browser does itself comes
 * first, then what somebody chose, then the table from its beginning.
 */
export function withKeys(commands: readonly Command[], changed: ChangedKeys): readonly Command[] {
  const taken = new Set<string>();
  const kept = new Map<Command, readonly string[]>();
  const rank = (each: Command): number =>
    each.native === true ? 0 : Object.hasOwn(changed, each.id) ? 1 : 2;
  for (const each of commands.toSorted((one, other) => rank(one) - rank(other))) {
    const wanted = rank(each) === 1 ? (changed[each.id] ?? []) : each.keys;
    const free = wanted.filter((keys) => {
      const known = canonical(keys) ?? keys;
      return taken.has(known) ? false : taken.add(known);
    });
    kept.set(each, free);
  }
  return commands.map((each) => {
    const keys = kept.get(each) ?? each.keys;
    return keys.length === each.keys.length && keys.every((key, at) => key === each.keys[at])
      ? each
      : { ...each, keys };
  });
}

/** The other command that has these keys now. */
export function ownerOf(keys: string, id: string, commands: readonly Command[]): Command | null {
  const wanted = canonical(keys);
  const has = (each: Command): boolean => each.keys.some((other) => canonical(other) === wanted);
  return commands.find((each) => each.id !== id && has(each)) ?? null;
}
