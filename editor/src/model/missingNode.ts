/** Which pack might bring a node that the server does not know, and what is wrong with that pack. */

import type { JsonObject } from './types';

/** What is needed to know of a pack. */
export interface SuspectPack {
  readonly name: string;
  readonly state: string;
  readonly had: readonly string[];
  readonly refused: readonly { readonly node: string; readonly problem: string; readonly remedy: string }[];
  readonly problem: string;
  readonly remedy: string;
}

/** `certain`: it brought the node before, or names it. `likely`: the file names the pack. `possible`: it is not there. */
export interface Suspicion {
  readonly how: 'certain' | 'likely' | 'possible';
  readonly pack: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Where files of editors say from which pack a node came. */
const SAID_BY_FILES = ['cnr_id', 'aux_id'] as const;

const plain = (name: string): string =>
  (name.split('/').at(-1) ?? name).toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

function namedBy(properties: JsonObject): ReadonlySet<string> {
  const found = SAID_BY_FILES.map((key) => properties[key]);
  return new Set(found.flatMap((name) => (typeof name === 'string' ? [plain(name)] : [])));
}

/** The most certain ones only. */
export function suspects(
  type: string,
  properties: JsonObject,
  packs: readonly SuspectPack[],
): readonly Suspicion[] {
  const refusing = packs.flatMap((pack) =>
    pack.refused
      .filter(({ node }) => node === type)
      .map(({ problem, remedy }): Suspicion => ({ how: 'certain', pack: pack.name, problem, remedy })),
  );
  if (refusing.length > 0) return refusing;
  const absent = packs.filter(({ state }) => state !== 'loaded');
  const said = namedBy(properties);
  const by = (how: Suspicion['how'], fits: (pack: SuspectPack) => boolean): readonly Suspicion[] =>
    absent.filter(fits).map(({ name, problem, remedy }) => ({ how, pack: name, problem, remedy }));
  const certain = by('certain', ({ had }) => had.includes(type));
  if (certain.length > 0) return certain;
  const likely = by('likely', ({ name }) => said.has(plain(name)));
  return likely.length > 0
    ? likely
    : by('possible', ({ state, had }) => state === 'failed' && had.length === 0);
}
