/**
 * Which window this is: an id that a reload keeps and that no other window has.
 *
 * The server knows the window by it, and its draft lies under it. A duplicated tab brings the id of the first one along,
 * and gets another. A new window takes over the id of one that is gone and left a draft.
 */

import { newId } from '../api/ids';
import { forAllWindows, forThisTab, readStored, store } from './stored';

const STORED = 'nodeloom.client';
const LOCK = 'nodeloom.window.';
const SEEN = 'nodeloom.seen.';
const HEARTBEAT_MILLISECONDS = 20_000;
/** A page in the background is given a timer only once a minute. */
const GONE_MILLISECONDS = 90_000;

export interface Claimed {
  readonly id: string;
  /** Under which id the draft lies that this window begins with; null for none. */
  readonly draftOf: string | null;
}

/** `drafts`: the ids that have a draft, the newest first. */
export async function claimWindow(drafts: readonly string[]): Promise<Claimed> {
  const known = readStored(forThisTab, STORED);
  if (typeof known === 'string' && known !== '') {
    if (await held(known)) return kept(known, known);
    return kept(await heldNew(), known);
  }
  for (const id of drafts) if (await held(id)) return kept(id, id);
  return kept(await heldNew(), null);
}

/** Another id, as somebody else writes under the one this window had. */
export async function renewWindow(): Promise<string> {
  return kept(await heldNew(), null).id;
}

function kept(id: string, draftOf: string | null): Claimed {
  store(forThisTab, STORED, id);
  return { id, draftOf };
}

async function heldNew(): Promise<string> {
  const id = newId();
  await held(id);
  return id;
}

/** Holds an id until the page is gone; false where another page does. */
function held(id: string): Promise<boolean> {
  // Plain http from another machine has no locks.
  const locks: LockManager | null | undefined = globalThis.navigator?.locks;
  return locks ? locked(locks, id) : Promise.resolve(marked(id));
}

function locked(locks: LockManager, id: string): Promise<boolean> {
  return new Promise((resolve) => {
    const until = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    };
    locks.request(`${LOCK}${id}`, { ifAvailable: true }, until).catch(() => resolve(true));
  });
}

function marked(id: string): boolean {
  const seen = readStored(forAllWindows, `${SEEN}${id}`);
  if (typeof seen === 'number' && Date.now() - seen < GONE_MILLISECONDS) return false;
  const mark = (): void => store(forAllWindows, `${SEEN}${id}`, Date.now());
  mark();
  setInterval(mark, HEARTBEAT_MILLISECONDS);
  globalThis.addEventListener?.('pagehide', () => store(forAllWindows, `${SEEN}${id}`, undefined));
  globalThis.addEventListener?.('pageshow', mark);
  return true;
}
