/** Begins with the extensions of node packs, after the page has shown its first picture. */

import { toast } from 'sonner';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { translated } from '../i18n';
import type { Json } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { forgetForeign } from '../state/foreignWidgets';
import { beginStart, brokenStart, endStart } from './crash';
import { type Load, loadExtensions, switchExtension } from './load';
import { type Extension, report, useExtensions } from './store';

export const SAFE = 'safe';
const OURS = '.nodeloom.js';
const PREFIX = '/extensions/';
/** What an extension breaks may show only when its controls are drawn. */
const SETTLING_MILLISECONDS = 3000;

/** A script of this very server, by the address it is listed under. */
export const loadModule: Load = (address) =>
  import(/* @vite-ignore */ new URL(`.${address}`, document.baseURI).href) as Promise<unknown>;

interface Listed {
  readonly extensions: readonly Extension[];
  readonly others: ReadonlyMap<string, number>;
}

export async function startExtensions(load: Load = loadModule): Promise<void> {
  const listed = await asked();
  if (listed === null) return;
  const isSafe = new URLSearchParams(globalThis.location?.search ?? '').get(SAFE) === '1';
  useExtensions.setState({ ...listed, isKnown: true, mode: isSafe ? 'safe' : 'usual' });
  const packs = new Set([...listed.extensions.map(({ pack }) => pack), ...listed.others.keys()]);
  if (forgetForeign((pack) => packs.has(pack))) useDefinitions.getState().reread();
  if (listed.extensions.length === 0) return;
  watch();
  const culprit = await brokenStart();
  if (isSafe) return;
  if (culprit !== null) return hold(culprit, load);
  await goOn(load);
}

async function asked(): Promise<Listed | null> {
  try {
    return readListed(await api().getJson('extensions'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    useExtensions.setState({ isKnown: true, problem: error.message });
    return null;
  }
}

export function readListed(json: Json): Listed {
  const modules = new Map<string, string[]>();
  const others = new Map<string, number>();
  for (const address of Array.isArray(json) ? json : []) {
    const pack = typeof address === 'string' ? packOf(address) : null;
    if (pack === null) continue;
    if (!address.endsWith(OURS)) others.set(pack, (others.get(pack) ?? 0) + 1);
    else modules.set(pack, [...(modules.get(pack) ?? []), address]);
  }
  const extensions = [...modules].map(
    ([pack, found]): Extension => ({
      pack,
      modules: found,
      state: 'waiting',
      problems: [],
      widgets: [],
      commands: 0,
    }),
  );
  return { extensions, others };
}

/** Null for what is no script of a pack on this server. */
function packOf(address: string): string | null {
  const [pack = '', ...path] = address.startsWith(PREFIX) ? address.slice(PREFIX.length).split('/') : [];
  if (pack === '' || path.length === 0 || [pack, ...path].includes('..') || /[\\?#]/u.test(address))
    return null;
  try {
    return decodeURIComponent(pack);
  } catch {
    return null;
  }
}

/** Packs were read anew: load those extensions that are new. What is gone stays until the page is loaded again. */
export async function findNewExtensions(load: Load = loadModule): Promise<void> {
  const { isKnown, mode } = useExtensions.getState();
  const listed = isKnown && mode === 'usual' ? await asked() : null;
  if (listed === null) return;
  const { extensions } = useExtensions.getState();
  const known = new Set(extensions.map(({ pack }) => pack));
  const added = listed.extensions.filter(({ pack }) => !known.has(pack));
  useExtensions.setState({ extensions: [...extensions, ...added], others: listed.others, problem: null });
  if (added.length === 0) return;
  if (extensions.length === 0) watch();
  await loadExtensions(load);
}

/** Load all that wait; `only` leaves some out. */
export async function goOn(load: Load = loadModule, only?: (pack: string) => boolean): Promise<void> {
  useExtensions.setState({ mode: 'usual' });
  beginStart();
  await loadExtensions(load, only);
  setTimeout(endStart, SETTLING_MILLISECONDS);
}

/** The page works without them until somebody decides. */
function hold(culprit: string, load: Load): void {
  useExtensions.setState({ mode: 'held' });
  report(culprit, translated('extensions.brokeOff'));
  toast.warning(translated('extensions.held', { pack: culprit }), {
    id: 'extensions',
    description: translated('extensions.held.hint'),
    duration: Number.POSITIVE_INFINITY,
    closeButton: true,
    action: {
      label: translated('extensions.loadOthers', { pack: culprit }),
      onClick: () => void without(culprit, load),
    },
    cancel: { label: translated('extensions.loadAll'), onClick: () => void goOn(load) },
  });
}

async function without(pack: string, load: Load): Promise<void> {
  await switchExtension(pack, false, load);
  await goOn(load);
}

/** What the code of an extension throws on its own, such as in a click, is told of in the settings. */
function watch(): void {
  globalThis.addEventListener?.('error', (event) =>
    blame(`${event.filename} ${stackOf(event.error)}`, event.error ?? event.message),
  );
  globalThis.addEventListener?.('unhandledrejection', (event) => blame(stackOf(event.reason), event.reason));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}

function blame(where: string, error: unknown): void {
  const found = /\/extensions\/([^/\s]+)\//u.exec(where)?.[1];
  if (found !== undefined) report(decodeURIComponent(found), error);
}
