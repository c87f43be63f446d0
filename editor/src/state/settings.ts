/** How this browser shows the editor: kept in `localStorage` and shared by all windows. */

import * as v from 'valibot';
import { create } from 'zustand';
import { forAllWindows, readStored, store } from './stored';

export type Theme = 'system' | 'dark' | 'light';
export type Locale = 'en' | 'zh';
export const WEIGHT_STEPS = [0.05, 0.1] as const;
export type WeightStep = (typeof WEIGHT_STEPS)[number];

/** Whether seeds that follow are shown before a run, which then uses them, or right after it was handed in. */
export const SEED_TIMES = ['before', 'after'] as const;
export type SeedTime = (typeof SEED_TIMES)[number];

export interface Settings {
  readonly theme: Theme;
  readonly locale: Locale;
  /** Nodes snap to a grid while they are moved. */
  readonly snap: boolean;
  /** Pictures of what is being made are shown on nodes. */
  readonly previews: boolean;
  /** What is typed into a prompt is completed. */
  readonly completion: boolean;
  /** By how much a key press changes the weight of words in a prompt. */
  readonly weightStep: WeightStep;
  /** When the control of a seed changes it. */
  readonly seeds: SeedTime;
}

export interface SettingsState extends Settings {
  set(changes: Partial<Settings>): void;
}

const STORED = 'nodeloom.settings';

function usualLocale(): Locale {
  return globalThis.navigator?.language?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** Each setting falls back by itself, so that one bad value spoils no other. */
const schema = v.fallback(
  v.object({
    theme: v.fallback(v.picklist(['system', 'dark', 'light']), 'system'),
    locale: v.fallback(v.picklist(['en', 'zh']), usualLocale),
    snap: v.fallback(v.boolean(), false),
    previews: v.fallback(v.boolean(), true),
    completion: v.fallback(v.boolean(), true),
    weightStep: v.fallback(v.picklist(WEIGHT_STEPS), 0.05),
    seeds: v.fallback(v.picklist(SEED_TIMES), 'before'),
  }),
  () => ({
    theme: 'system' as const,
    locale: usualLocale(),
    snap: false,
    previews: true,
    completion: true,
    weightStep: 0.05 as const,
    seeds: 'before' as const,
  }),
);

/** What is good of what was stored or imported. */
export function settingsFrom(raw: unknown): Settings {
  return v.parse(schema, raw ?? {});
}

function readSettings(): Settings {
  return settingsFrom(readStored(forAllWindows, STORED));
}

export const useSettings = create<SettingsState>()((change, get) => ({
  ...readSettings(),
  set: (changes) => {
    change(changes);
    const { set, ...settings } = get();
    store(forAllWindows, STORED, settings);
  },
}));

/** What another window sets counts here too. */
globalThis.addEventListener?.('storage', (event) => {
  if (event instanceof StorageEvent && event.key === STORED) useSettings.setState(readSettings());
});
