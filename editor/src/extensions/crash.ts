/**
 * Knows whether the last start broke off while extensions were loaded: a mark stands while they are, and what ends a
 * page in an orderly way takes it along. A page that hangs or dies leaves it.
 */

import * as v from 'valibot';
import { forAllWindows, forThisTab, readStored, store } from '../state/stored';

const STORED = 'nodeloom.extensions.starting';
/** The id of this window, which a reload keeps, and the lock that a living window holds (`state/windows.ts`). */
const WINDOW = 'nodeloom.client';
const LOCK = 'nodeloom.window.';
/** A start that lasts longer than that is a broken one. */
const LONG_MILLISECONDS = 60_000;
/** A window that is just starting is given so long; one that hangs is ended by the browser meanwhile. */
const PATIENCE_MILLISECONDS = 8_000;
const POLL_MILLISECONDS = 200;

const markSchema = v.object({ at: v.number(), pack: v.string() });
const schema = v.fallback(v.record(v.string(), v.fallback(v.nullable(markSchema), null)), {});
type Marks = v.InferOutput<typeof schema>;

let isStarting = false;
/** Code of an extension is running. A page that goes now was ended in the middle of it. */
let isAtWork = false;

function marks(): Marks {
  return v.parse(schema, readStored(forAllWindows, STORED) ?? {});
}

function keep(next: Marks): void {
  store(forAllWindows, STORED, Object.keys(next).length === 0 ? undefined : next);
}

function windowId(): string {
  const id = readStored(forThisTab, WINDOW);
  return typeof id === 'string' ? id : '';
}

/**
 * The pack at which a start of before broke off, null where none did. It is told once.
 *
 * Where another window is just starting it is waited for a while, to see what becomes of it.
 */
export async function brokenStart(): Promise<string | null> {
  const until = Date.now() + PATIENCE_MILLISECONDS;
  let found = await brokenMarks(false);
  while (found.length === 0 && Object.keys(marks()).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    found = await brokenMarks(Date.now() > until);
  }
  if (found.length === 0) return null;
  const gone = new Set(found.map(({ id }) => id));
  keep(Object.fromEntries(Object.entries(marks()).filter(([id]) => !gone.has(id))));
  return found.at(-1)?.pack ?? null;
}

interface Broken {
  readonly id: string;
  readonly pack: string;
}

/** `all`: also of windows that still seem to live. */
async function brokenMarks(all: boolean): Promise<readonly Broken[]> {
  const living = await livingWindows();
  const own = windowId();
  const isBroken = (id: string, at: number): boolean =>
    all || id === own || (living === null ? Date.now() - at > LONG_MILLISECONDS : !living.has(id));
  return Object.entries(marks()).flatMap(([id, mark]) =>
    mark === null || isBroken(id, mark.at) ? [{ id, pack: mark?.pack ?? '' }] : [],
  );
}

/** Null where a browser does not say. */
async function livingWindows(): Promise<ReadonlySet<string> | null> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  if (!locks) return null;
  const { held } = await locks.query();
  return new Set((held ?? []).map(({ name }) => (name ?? '').replace(LOCK, '')));
}

export function beginStart(): void {
  isStarting = true;
  globalThis.addEventListener?.('pagehide', () => isAtWork || endStart());
}

export function endStart(): void {
  if (!isStarting) return;
  isStarting = false;
  const { [windowId()]: _, ...others } = marks();
  keep(others);
}

/** Marks which pack is at work, as long as the start lasts; what it throws goes on. */
export function duringStart<T>(pack: string, work: () => T): T {
  if (isStarting) keep({ ...marks(), [windowId()]: { at: Date.now(), pack } });
  isAtWork = true;
  try {
    return work();
  } finally {
    isAtWork = false;
  }
}
