/** In which values two pictures differ, by what they say of how they were made. */

import type { NodeValues } from '../Facts';

export interface Difference {
  readonly node: string;
  readonly name: string;
  /** Null where a picture has no such value. */
  readonly one: string | null;
  readonly other: string | null;
}

interface Value {
  readonly node: string;
  readonly name: string;
  readonly text: string;
}

/** By node and name; nodes of another kind under the same id are others. */
export function differencesOf(
  one: readonly NodeValues[],
  other: readonly NodeValues[],
): readonly Difference[] {
  const [ones, others] = [valuesBy(one), valuesBy(other)];
  return [...new Set([...ones.keys(), ...others.keys()])].flatMap((key) => {
    const [first, second] = [ones.get(key), others.get(key)];
    const known = first ?? second;
    if (known === undefined || first?.text === second?.text) return [];
    return [{ node: known.node, name: known.name, one: first?.text ?? null, other: second?.text ?? null }];
  });
}

function valuesBy(nodes: readonly NodeValues[]): ReadonlyMap<string, Value> {
  return new Map(
    nodes.flatMap(({ id, kind, values }) =>
      values.map(([name, text]) => [JSON.stringify([id, kind, name]), { node: kind, name, text }] as const),
    ),
  );
}
