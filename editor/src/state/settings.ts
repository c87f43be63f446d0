/** How this browser shows the editor: kept in `localStorage` and shared by all windows. */

import * as v from 'valibot';
import { create } from 'zustand';
import { forAllWindows, readStored, store } from './stored';

export type Theme = 'system' | 'dark' | 'light';
export type Locale = 'en' | 'zh';

export interface Settings {
  readonly theme: Theme;
  readonly locale: Locale;
  /** Nodes snap to a grid while they are moved. */
  readonly snap: boolean;
  /** Pictures of what is being made are shown on nodes. */
  readonly previews: boolean;
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
  }),
  () => ({ theme: 'system' as const, locale: usualLocale(), snap: false, previews: true }),
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
    const { theme, locale, snap, previews } = get();
    store(forAllWindows, STORED, { theme, locale, snap, previews });
  },
}));

/** What another window sets counts here too. */
globalThis.addEventListener?.('storage', (event) => {
  if (event instanceof StorageEvent && event.key === STORED) useSettings.setState(readSettings());
});
