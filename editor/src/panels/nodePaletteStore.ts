/** Where the node palette is open, what link waits for a node, and which nodes were placed lately. */

import { create } from 'zustand';
import type { Point, Socket } from '../model/types';

export interface PaletteSocket extends Socket {
  readonly type: string;
}

export interface PalettePlace {
  /** Where to open it, in pixels of the window. */
  readonly screen: Point;
  /** Where to place the node, in the coordinates of the graph. */
  readonly at: Point;
  /** The end of a link that was dropped: the new node is wired to it. */
  readonly from?: PaletteSocket;
  /** Nobody points at a place: the node finds a free one near by, and has the keyboard then. */
  readonly byKeys?: boolean;
}

export interface NodePaletteState {
  readonly place: PalettePlace | null;
  /** Ids of definitions, the latest first. */
  readonly recent: readonly string[];
  open(place: PalettePlace): void;
  close(): void;
  used(id: string): void;
}

const STORED = 'nodeloom.recentNodes';
const MOST_RECENT = 12;

export const useNodePalette = create<NodePaletteState>((set) => ({
  place: null,
  recent: stored(),
  open: (place) => set({ place }),
  close: () => set({ place: null }),
  used: (id) =>
    set((state) => {
      const recent = [id, ...state.recent.filter((other) => other !== id)].slice(0, MOST_RECENT);
      keep(recent);
      return { recent };
    }),
}));

function stored(): readonly string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(found) ? found.filter((each): each is string => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

function keep(recent: readonly string[]): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(recent));
  } catch {
    // A browser that keeps nothing: the list lasts as long as the page.
  }
}
