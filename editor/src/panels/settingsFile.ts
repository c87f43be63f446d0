/** All settings of this browser as a file: looks, keys, and which extensions are off. */

import * as v from 'valibot';
import { complain, tell } from '../app/messages';
import { keysFrom, useKeys } from '../commands/keys';
import { keepOff, offFrom, useExtensions } from '../extensions/store';
import { translated } from '../i18n';
import { downloadText } from '../image/pictures';
import { settingsFrom, useSettings } from '../state/settings';

const FORMAT = 'nodeloom.settings';
const MOST_BYTES = 1_000_000;
const schema = v.object({
  format: v.literal(FORMAT),
  settings: v.optional(v.record(v.string(), v.unknown())),
  keys: v.optional(v.record(v.string(), v.unknown())),
  extensions: v.optional(v.record(v.string(), v.unknown())),
});

export function settingsText(): string {
  const { set: _, ...settings } = useSettings.getState();
  const { changed } = useKeys.getState();
  const { off } = useExtensions.getState();
  return JSON.stringify(
    { format: FORMAT, version: 1, settings, keys: changed, extensions: { off } },
    null,
    2,
  );
}

export function exportSettings(): void {
  downloadText(settingsText(), 'nodeloom-settings.json');
}

/** Parts that the file lacks stay as they are. Throws an error for what is no such file. */
export function takeSettings(text: string): void {
  const { settings, keys, extensions } = fileFrom(text);
  if (settings !== undefined) {
    const { set, ...now } = useSettings.getState();
    set(settingsFrom({ ...now, ...settings }));
  }
  if (keys !== undefined) useKeys.getState().replace(keysFrom(keys));
  if (extensions !== undefined) keepOff(offFrom(extensions));
}

function fileFrom(text: string): v.InferOutput<typeof schema> {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    throw new Error(translated('settings.noFile'));
  }
}

export async function importSettings(file: Blob): Promise<void> {
  try {
    if (file.size > MOST_BYTES) throw new Error(translated('settings.noFile'));
    takeSettings(await file.text());
    tell('settings.imported');
  } catch (error) {
    complain('settings.notImported', error);
  }
}
