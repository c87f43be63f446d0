/** What of the page is open: panels, dialogs, the picture that is looked at. Never part of a workflow or its history. */

import { create } from 'zustand';
import type { FileReference } from '../api/words';
import type { NodeId, Point } from '../model/types';

/** On the left. */
export type LeftPanel = 'workflows' | 'queue' | 'gallery' | 'outline';
/** On the right. */
export type RightPanel = 'inspector' | 'help' | 'errors';
export type DialogId =
  | 'commands'
  | 'shortcuts'
  | 'templates'
  | 'settings'
  | 'save'
  | 'find'
  | 'name'
  | 'confirm';

export type SettingsSection = 'general' | 'keys' | 'extensions' | 'packs';

export interface LightboxState {
  readonly pictures: readonly FileReference[];
  readonly index: number;
}

/** Pictures to compare, two at least, and which two of them are. */
export interface CompareState {
  readonly pictures: readonly FileReference[];
  readonly one: number;
  readonly other: number;
}

/** What a name is asked for, such as a group's. */
export interface NameQuestion {
  readonly title: string;
  readonly value: string;
  readonly answer: (name: string) => void;
}

/** Something that loses what cannot be had back. */
export interface Doubt {
  readonly sentence: string;
  readonly action: string;
  readonly answer: () => void;
}

export interface MenuPlace {
  readonly screen: Point;
  readonly at: Point;
  readonly node: NodeId | null;
}

interface InterfaceState {
  readonly left: LeftPanel | null;
  readonly right: RightPanel | null;
  readonly dialog: DialogId | null;
  /** Which part of the settings is open when they are. */
  readonly section: SettingsSection;
  readonly question: NameQuestion | null;
  readonly doubt: Doubt | null;
  readonly lightbox: LightboxState | null;
  readonly comparison: CompareState | null;
  readonly menu: MenuPlace | null;
  /** How many runs one press of the button asks for. */
  readonly count: number;
  readonly toggleLeft: (panel: LeftPanel) => void;
  readonly toggleRight: (panel: RightPanel) => void;
  readonly showRight: (panel: RightPanel) => void;
  readonly closePanels: () => void;
  readonly show: (dialog: DialogId | null) => void;
  readonly showSettings: (section: SettingsSection) => void;
  readonly ask: (question: NameQuestion) => void;
  readonly confirm: (doubt: Doubt) => void;
  readonly look: (pictures: readonly FileReference[], index: number) => void;
  readonly turn: (by: number) => void;
  readonly closeLightbox: () => void;
  /** Compares two of these pictures, the first two unless others are named. */
  readonly compare: (pictures: readonly FileReference[], one?: number, other?: number) => void;
  readonly closeComparison: () => void;
  readonly openMenu: (menu: MenuPlace | null) => void;
  readonly setCount: (count: number) => void;
}

export const MOST_COUNT = 100;

/** Panels lie over the canvas on such a narrow page, so that only one is open at a time. */
export function isNarrow(): boolean {
  return window.matchMedia('(max-width: 720px)').matches;
}

export const useInterface = create<InterfaceState>((set) => ({
  left: null,
  right: null,
  dialog: null,
  section: 'general',
  question: null,
  doubt: null,
  lightbox: null,
  comparison: null,
  menu: null,
  count: 1,
  toggleLeft: (panel) =>
    set((state) => ({ left: state.left === panel ? null : panel, right: isNarrow() ? null : state.right })),
  toggleRight: (panel) =>
    set((state) => ({ right: state.right === panel ? null : panel, left: isNarrow() ? null : state.left })),
  showRight: (panel) => set((state) => ({ right: panel, left: isNarrow() ? null : state.left })),
  closePanels: () => set({ left: null, right: null }),
  show: (dialog) => set({ dialog, section: 'general', question: null, doubt: null }),
  showSettings: (section) => set({ dialog: 'settings', section, question: null, doubt: null }),
  ask: (question) => set({ dialog: 'name', question }),
  confirm: (doubt) => set({ dialog: 'confirm', doubt }),
  look: (pictures, index) => set(pictures.length === 0 ? {} : { lightbox: { pictures, index } }),
  turn: (by) => set((state) => ({ lightbox: turned(state.lightbox, by) })),
  closeLightbox: () => set({ lightbox: null }),
  compare: (pictures, one = 0, other = 1) =>
    set(pictures.length < 2 ? {} : { comparison: { pictures, one, other } }),
  closeComparison: () => set({ comparison: null }),
  openMenu: (menu) => set({ menu }),
  setCount: (count) => set({ count: Math.max(1, Math.min(MOST_COUNT, Math.round(count) || 1)) }),
}));

function turned(lightbox: LightboxState | null, by: number): LightboxState | null {
  if (lightbox === null) return null;
  const length = lightbox.pictures.length;
  return { ...lightbox, index: (lightbox.index + by + length) % length };
}
