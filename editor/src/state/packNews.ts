/** Asks the server what became of its packs, again while it loads them, and tells what has gone wrong since. */

import * as v from 'valibot';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { tell, warn } from '../app/messages';
import type { Json } from '../model/types';
import { type Pack, type PacksState, usePacks } from './packs';

const AGAIN_MILLISECONDS = 2000;

const texts = v.fallback(v.array(v.string()), []);
const text = v.fallback(v.string(), '');
const pack = v.object({
  name: v.string(),
  state: v.picklist(['loaded', 'failed', 'disabled']),
  source: text,
  version: text,
  licence: text,
  nodes: texts,
  had: texts,
  refused: v.fallback(v.array(v.object({ node: v.string(), problem: text, remedy: text })), []),
  seconds: v.fallback(v.number(), 0),
  problem: text,
  remedy: text,
  traceback: text,
  missing: texts,
  warnings: texts,
  routes: texts,
  serves_routes: v.fallback(v.boolean(), false),
});
const loading = v.object({ pack: text, done: v.number(), of: v.number() });
const answer = v.object({
  packs: v.array(v.unknown()),
  ready: v.fallback(v.boolean(), true),
  loading: v.fallback(v.nullable(loading), null),
  dev: v.fallback(v.boolean(), false),
});

/** One pack that makes no sense hides no other. */
function readPacks(list: readonly unknown[]): readonly Pack[] {
  return list.flatMap((each) => {
    const found = v.safeParse(pack, each);
    return found.success ? [found.output] : [];
  });
}

export function readAnswer(json: Json): Partial<PacksState> {
  const found = v.safeParse(answer, json);
  if (!found.success) return { isKnown: true };
  const { packs, ready, loading: now, dev } = found.output;
  return {
    isKnown: true,
    isReady: ready,
    // Before the first pack a worker loads libraries.
    loading: ready || now === null || now.of === 0 ? null : now,
    isDevelopment: dev,
    packs: readPacks(packs),
    problem: null,
  };
}

let timer: ReturnType<typeof setTimeout> | null = null;

/** Ask now, and again and again until a worker is ready. */
export async function askForPacks(): Promise<void> {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  try {
    usePacks.setState(readAnswer(await api().getJson('v1/packs')));
    if (!usePacks.getState().isReady) timer = setTimeout(() => void askForPacks(), AGAIN_MILLISECONDS);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    usePacks.setState({ isKnown: true, loading: null, problem: error.message });
  }
}

/** Other nodes are there: which packs have failed since, and in a server for development that it was heard. */
export async function hearOfPacks(): Promise<void> {
  const before = new Map(usePacks.getState().packs.map((each) => [each.name, each.state]));
  await askForPacks();
  const { packs, isDevelopment } = usePacks.getState();
  const failed = packs.filter(({ name, state }) => state === 'failed' && before.get(name) !== 'failed');
  for (const { name, problem } of failed) warn('packs.failedNow', { pack: name, problem });
  if (failed.length === 0 && isDevelopment) tell('packs.changedNow');
}

/** Have packs read anew that changed or failed. Throws ApiError. */
export async function readPacksAnew(): Promise<void> {
  const { packs } = v.parse(v.object({ packs: v.array(v.unknown()) }), await api().reloadPacks());
  usePacks.setState({ packs: readPacks(packs) });
}
