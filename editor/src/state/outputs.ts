/** What nodes showed: pictures, texts and the rest of it. */

import type { FileReference } from '../api/words';
import type { Json, JsonObject } from '../model/types';
import type { NodeOutput } from './runTypes';

/** Characters of a text that a node shows. */
const LONGEST_TEXT = 100_000;

export function readOutput(raw: JsonObject): NodeOutput {
  const lists = Object.values(raw).filter((value) => Array.isArray(value));
  return {
    images: lists.flat().flatMap(asFile),
    texts: [raw.text, raw.string].flatMap(asTexts).map((text) => text.slice(0, LONGEST_TEXT)),
    raw,
  };
}

function asFile(item: Json): readonly FileReference[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
  const { filename, subfolder, type } = item as JsonObject;
  if (typeof filename !== 'string') return [];
  const folder = typeof subfolder === 'string' ? subfolder : '';
  return [{ filename, subfolder: folder, type: typeof type === 'string' ? type : 'output' }];
}

function asTexts(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** All files of a run, in the order of its nodes. */
export function filesOf(outputs: Readonly<Record<string, JsonObject>>): readonly FileReference[] {
  return Object.values(outputs).flatMap((raw) => readOutput(raw).images);
}
