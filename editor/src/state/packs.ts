/** What became of the packs of nodes on the server. `packNews.ts` asks for it; this keeps what is known. */

import { create } from 'zustand';

export interface PackRefusal {
  readonly node: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface Pack {
  readonly name: string;
  readonly state: 'loaded' | 'failed' | 'disabled';
  /** Where it comes from, such as `custom_nodes/my_pack`. */
  readonly source: string;
  readonly version: string;
  readonly licence: string;
  readonly nodes: readonly string[];
  /** The nodes it brought when it last brought any. */
  readonly had: readonly string[];
  readonly refused: readonly PackRefusal[];
  readonly seconds: number;
  readonly problem: string;
  readonly remedy: string;
  readonly traceback: string;
  /** Requirements that are not installed. */
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
  readonly routes: readonly string[];
  readonly serves_routes: boolean;
}

export interface PacksLoading {
  readonly pack: string;
  readonly done: number;
  readonly of: number;
}

export interface PacksState {
  readonly isKnown: boolean;
  /** Whether a worker of the server is ready; before that, the packs are as they were the last time. */
  readonly isReady: boolean;
  /** Which pack a worker loads that is not ready. */
  readonly loading: PacksLoading | null;
  /** Whether packs can be read anew. */
  readonly isDevelopment: boolean;
  readonly packs: readonly Pack[];
  /** What the server said instead of a list. */
  readonly problem: string | null;
}

export const usePacks = create<PacksState>()(() => ({
  isKnown: false,
  isReady: false,
  loading: null,
  isDevelopment: false,
  packs: [],
  problem: null,
}));

/** Whether something is wrong with a pack that somebody may want to mend. */
export function needsCare({ state, refused, missing }: Pack): boolean {
  return state === 'failed' || refused.length > 0 || missing.length > 0;
}
