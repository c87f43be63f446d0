/** Which extensions there are and how they are. Which of them are switched off is kept in this browser. */

import * as v from 'valibot';
import { create } from 'zustand';
import { forAllWindows, readStored, store } from '../state/stored';

/** `slow`: it has begun long ago and is not ready yet. `waiting`: it is not loaded in safe mode. */
export type ExtensionState = 'waiting' | 'loading' | 'slow' | 'running' | 'failed' | 'off';

export interface Extension {
  readonly pack: string;
  /** The addresses of its modules. */
  readonly modules: readonly string[];
  readonly state: ExtensionState;
  /** What went wrong, the latest last. */
  readonly problems: readonly string[];
  /** The types of widgets it has controls for. */
  readonly widgets: readonly string[];
  readonly commands: number;
}

/** `safe`: asked for by the address of the page. `held`: the last start broke off, and nobody has decided yet. */
export type Mode = 'usual' | 'safe' | 'held';

export interface ExtensionsState {
  readonly isKnown: boolean;
  readonly mode: Mode;
  readonly extensions: readonly Extension[];
  /** How many scripts are made for other editors, by pack; they are never run. */
  readonly others: ReadonlyMap<string, number>;
  readonly off: readonly string[];
  /** What the server said instead of a list. */
  readonly problem: string | null;
}

const STORED = 'nodeloom.extensions';
const MOST_PROBLEMS = 20;
const schema = v.fallback(v.object({ off: v.fallback(v.array(v.string()), []) }), { off: [] });

export function offFrom(raw: unknown): readonly string[] {
  return v.parse(schema, raw ?? {}).off;
}

export const useExtensions = create<ExtensionsState>()(() => ({
  isKnown: false,
  mode: 'usual',
  extensions: [],
  others: new Map(),
  off: offFrom(readStored(forAllWindows, STORED)),
  problem: null,
}));

export function keepOff(off: readonly string[]): void {
  useExtensions.setState({ off });
  store(forAllWindows, STORED, { off });
}

export function changeExtension(pack: string, change: (extension: Extension) => Partial<Extension>): void {
  useExtensions.setState(({ extensions }) => ({
    extensions: extensions.map((each) => (each.pack === pack ? { ...each, ...change(each) } : each)),
  }));
}

/** Notes what went wrong in a pack; the page goes on. */
export function report(pack: string, error: unknown): string {
  const sentence = error instanceof Error ? error.message : String(error);
  changeExtension(pack, ({ problems }) =>
    problems.at(-1) === sentence ? {} : { problems: [...problems, sentence].slice(-MOST_PROBLEMS) },
  );
  return sentence;
}
