/** In which order boxes stand in their columns: as the inputs they feed stand below each other, with few edges crossing. */

import type { Size } from './types';

export type Boxes = ReadonlyMap<string, Size>;
/** Where it leaves one box and enters the other counts from the middles of these, downwards. */
export type Edge = readonly [from: string, to: string, leaves?: number, enters?: number];
export type Edges = readonly Edge[];

/** One end of an edge as the box at the other end sees it. */
export interface Neighbour {
  readonly key: string;
  /** Where the edge meets the neighbour, and where this box, from the middle of each. */
  readonly there: number;
  readonly here: number;
}

export interface Neighbours {
  readonly before: ReadonlyMap<string, readonly Neighbour[]>;
  readonly after: ReadonlyMap<string, readonly Neighbour[]>;
}

export interface Columns {
  readonly boxes: Boxes;
  readonly columns: readonly (readonly string[])[];
  readonly around: Neighbours;
}

const SWEEPS = 12;
/** Edges up to which every sweep is judged; larger graphs take the last one. */
const MOST_JUDGED = 6000;

type Order = readonly (readonly string[])[];

function byHere(list: readonly Neighbour[] | undefined): readonly Neighbour[] {
  return [...(list ?? [])].sort((one, other) => one.here - other.here);
}

/** From the ends backwards, input by input: what feeds an upper input is met first. */
function metOrder({ columns, boxes, around }: Columns): ReadonlyMap<string, number> {
  const met = new Map<string, number>();
  const ends = columns.toReversed().flatMap((column) => column.filter((key) => !around.after.has(key)));
  const open = [...boxes.keys(), ...ends.toReversed()];
  const seen = new Set<string>();
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    met.set(key, met.size);
    for (const { key: source } of byHere(around.before.get(key)).toReversed()) {
      if (!seen.has(source)) open.push(source);
    }
  }
  return met;
}

function ranksOf(order: Order): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const column of order) for (const [at, key] of column.entries()) ranks.set(key, at);
  return ranks;
}

/** A place within its column and within its box, as a number. */
function spot({ boxes }: Columns, ranks: ReadonlyMap<string, number>, key: string, offset: number): number {
  const height = Math.max(1, boxes.get(key)?.[1] ?? 1);
  return (ranks.get(key) ?? 0) + 0.5 + Math.max(-0.49, Math.min(0.49, offset / height));
}

function swept(all: Columns, order: Order, isForth: boolean): Order {
  const ranks = ranksOf(order);
  const side = isForth ? all.around.before : all.around.after;
  const next = order.map((column) => [...column]);
  for (const column of isForth ? next : next.toReversed()) {
    const wish = new Map(
      column.map((key) => {
        const near = side.get(key);
        if (near === undefined) return [key, (ranks.get(key) ?? 0) + 0.5];
        // Where an edge begins counts as well: of two boxes fed from one spot the order stays.
        const sum = near.reduce((total, { key: other, there }) => total + spot(all, ranks, other, there), 0);
        return [key, sum / near.length];
      }),
    );
    column.sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0));
    for (const [at, key] of column.entries()) ranks.set(key, at);
  }
  return next;
}

/** How many pairs of edges between neighbouring columns cross. */
function crossings(all: Columns, order: Order): number {
  const ranks = ranksOf(order);
  let count = 0;
  for (const column of order) {
    const edges = column.flatMap((key) =>
      (all.around.before.get(key) ?? []).map(
        ({ key: other, there, here }) =>
          [spot(all, ranks, other, there), spot(all, ranks, key, here)] as const,
      ),
    );
    edges.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    const ends: number[] = [];
    for (const [, end] of edges) {
      const at = firstAbove(ends, end);
      count += ends.length - at;
      ends.splice(at, 0, end);
    }
  }
  return count;
}

function firstAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The columns, each with its boxes from top to bottom. */
export function inOrder(all: Columns): Order {
  const met = metOrder(all);
  let order: Order = all.columns.map((column) =>
    [...column].sort((one, other) => (met.get(one) ?? 0) - (met.get(other) ?? 0)),
  );
  let edges = 0;
  for (const list of all.around.before.values()) edges += list.length;
  const isJudged = edges <= MOST_JUDGED;
  let best = order;
  let least = isJudged ? crossings(all, order) : Number.POSITIVE_INFINITY;
  for (let sweep = 0; sweep < SWEEPS && least > 0; sweep += 1) {
    order = swept(all, order, sweep % 2 === 1);
    const count = isJudged ? crossings(all, order) : 0;
    if (count < least || !isJudged) {
      best = order;
      least = isJudged ? count : least;
    }
  }
  return best;
}
