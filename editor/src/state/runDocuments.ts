/** Which document a run came from, remembered by the browser so that a reload finds its results again. */

import * as v from 'valibot';
import { forAllWindows, readStored, store } from './stored';

const STORED = 'nodeloom.runs';
const MOST_REMEMBERED = 300;
const schema = v.fallback(v.array(v.tuple([v.string(), v.string()])), []);

type Pair = readonly [run: string, document: string];

/** The oldest first; other windows write there too, so it is always read anew. */
function remembered(): readonly Pair[] {
  return v.parse(schema, readStored(forAllWindows, STORED) ?? []);
}

export function rememberRun(run: string, document: string): void {
  const others = remembered().filter(([id]) => id !== run);
  store(forAllWindows, STORED, [...others, [run, document]].slice(-MOST_REMEMBERED));
}

export function documentOfRun(run: string): string | null {
  return remembered().find(([id]) => id === run)?.[1] ?? null;
}

/** The runs of these documents, the oldest first. */
export function runsOfDocuments(documents: ReadonlySet<string>): readonly Pair[] {
  return remembered().filter(([, document]) => documents.has(document));
}
