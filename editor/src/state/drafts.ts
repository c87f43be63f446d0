/**
 * Drafts: every change is kept in the browser, so that neither a reload nor a crash loses work.
 *
 * Each window has a draft of its own. A draft carries the mark of its last writing: a window that finds another mark
 * than its own there does not write over it, but goes on under another id.
 */

import { createStore, del, entries, get, type UseStore, update } from 'idb-keyval';
import { newId } from '../api/ids';
import type { Definitions } from '../model/definition';
import { definitionsNow } from './definitions';
import { useDocuments } from './documents';
import { type Draft, documentsOf, draftOf, readDraft } from './draftFormat';
import { renewWindow } from './windows';

export const WAIT_MILLISECONDS = 300;
const MOST_DRAFTS = 20;
const MOST_AGE_MILLISECONDS = 60 * 24 * 3600 * 1000;

let store: UseStore | null = null;
/** Under which id this window writes. */
let owner = '';
/** The mark of the last writing of this window; null before the first. */
let mark: string | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;
let writing: Promise<void> = Promise.resolve();

function drafts(): UseStore {
  store ??= createStore('nodeloom', 'drafts');
  return store;
}

/** The windows that left a draft, the newest first; old ones are deleted. */
export async function knownDrafts(): Promise<readonly string[]> {
  const found = await quietly(() => entries<string, unknown>(drafts()), []);
  const dated = found
    .map(([id, value]) => ({ id, at: readDraft(value)?.at ?? 0 }))
    .sort((one, other) => other.at - one.at);
  const isKept = (at: number, place: number): boolean =>
    place < MOST_DRAFTS && Date.now() - at < MOST_AGE_MILLISECONDS;
  const old = dated.filter(({ at }, place) => !isKept(at, place));
  for (const { id } of old) await quietly(() => del(id, drafts()), undefined);
  return dated.filter(({ at }, place) => isKept(at, place)).map(({ id }) => id);
}

/** Opens what the draft of a window holds; false where there is none. From now on this window writes under `id`. */
export async function restoreDraft(
  id: string,
  from: string | null,
  definitions: Definitions,
): Promise<boolean> {
  owner = id;
  const draft = from === null ? null : readDraft(await quietly(() => get<unknown>(from, drafts()), null));
  mark = draft !== null && from === id ? draft.mark : null;
  if (draft === null) return false;
  const documents = documentsOf(draft, definitions);
  if (documents.length === 0) return false;
  useDocuments.getState().restore(documents, draft.active);
  return true;
}

/** Keeps every change from now on; returns what ends it. */
export function keepDrafts(): () => void {
  const end = useDocuments.subscribe((state, before) => {
    if (state.documents !== before.documents || state.active !== before.active) later();
  });
  const atOnce = (): void => {
    if (document.visibilityState === 'hidden') void flushDrafts();
  };
  document.addEventListener('visibilitychange', atOnce);
  return () => {
    end();
    document.removeEventListener('visibilitychange', atOnce);
  };
}

function later(): void {
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(() => void flushDrafts(), WAIT_MILLISECONDS);
}

/** Writes what waits to be written. */
export async function flushDrafts(): Promise<void> {
  if (timer === null) return writing;
  clearTimeout(timer);
  timer = null;
  writing = writing.then(() => quietly(write, undefined));
  return writing;
}

async function write(): Promise<void> {
  const draft = draftOf(useDocuments.getState(), definitionsNow(), newId());
  if (await isWritten(draft)) return;
  owner = await renewWindow();
  mark = null;
  await isWritten(draft);
}

/** False where the draft is another window's. */
async function isWritten(draft: Draft): Promise<boolean> {
  let isOurs = true;
  await update<unknown>(
    owner,
    (found) => {
      const known = readDraft(found)?.mark ?? null;
      isOurs = known === null || known === mark;
      return isOurs ? draft : found;
    },
    drafts(),
  );
  if (isOurs) mark = draft.mark;
  return isOurs;
}

/** A browser that keeps nothing must not keep anybody from working. */
async function quietly<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch {
    return otherwise;
  }
}
