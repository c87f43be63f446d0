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
const LONG_MILLISECONDS = 60_000;

const markSchema = v.object({ at: v.number(), pack: v.string() });
const schema = v.fallback(v.record(v.string(), v.fallback(v.nullable(markSchema), null)), {});
type Marks = v.InferOutput<typeof schema>;

let isStarting = false;

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

/** The pack at which a start of before broke off, null where none did. It is told once. */
export async function brokenStart(): Promise<string | null> {
  const living = await livingWindows();
  const own = windowId();
  const isBroken = (id: string, at: number): boolean =>
    id === own || (living === null ? Date.now() - at > LONG_MILLISECONDS : !living.has(id));
  const found = Object.entries(marks()).flatMap(([id, mark]) =>
    mark !== null && isBroken(id, mark.at) ? [{ id, pack: mark.pack }] : [],
  );
  if (found.length === 0) return null;
  const gone = new Set(found.map(({ id }) => id));
  keep(Object.fromEntries(Object.entries(marks()).filter(([id]) => !gone.has(id))));
  return found.at(-1)?.pack ?? null;
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
  globalThis.addEventListener?.('pagehide', endStart, { once: true });
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
  return work();
}
