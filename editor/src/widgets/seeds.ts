/** Seeds: a new one by chance, and the one that the last run used. */

import { api } from '../api/current';
import type { Widget } from '../model/definition';
import { exact, wholeOf } from '../model/fit';
import { isList, isNumeric, objectOf } from '../model/json';
import type { Json, NodeId } from '../model/types';

const HIGHEST = (1n << 64n) - 1n;

/** Any whole number within the bounds of a widget, each as likely as the others. */
export function randomSeed(widget: Widget, bits: () => bigint = random128): number | bigint {
  const least = widget.minimum === null ? 0n : (wholeOf(widget.minimum) ?? 0n);
  const most = widget.maximum === null ? HIGHEST : (wholeOf(widget.maximum) ?? HIGHEST);
  if (most <= least) return exact(least);
  // Of so many bits the remainder favours no number that could ever be noticed.
  return exact(least + (bits() % (most - least + 1n)));
}

function random128(): bigint {
  return crypto.getRandomValues(new BigUint64Array(2)).reduce((all, part) => (all << 64n) | part, 0n);
}

/** What a node got as a value in a run; null where it is not known. */
export async function valueInRun(
  run: string,
  path: readonly NodeId[],
  node: NodeId,
  name: string,
): Promise<Json> {
  const detail = await api().job(run);
  const entry = objectOf(detail?.workflow.prompt[[...path, node].join(':')]);
  const value = objectOf(entry.inputs)[name];
  return isNumeric(value) && !isList(value) ? value : null;
}
