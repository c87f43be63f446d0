/** Sets boxes out in columns after the edges between them: which column, in which order, and at what height. */

import type { Boxes, Columns, Edge, Edges, Neighbour, Neighbours } from './layout_order';
import { inOrder } from './layout_order';
import type { Point, Size } from './types';

export type { Boxes, Edge, Edges } from './layout_order';

/** Beyond this many, links pass behind boxes rather than having room of their own. */
const MOST_BENDS = 4000;
const BEND: Size = [0, 10];
const SWEEPS = 10;
/** How much less than a link it counts that a box without one stays where it is. */
const LOOSE = 0.05;
/** Between parts that nothing connects, in gaps. */
const APART = 2;

function neighbours(edges: Edges): Neighbours {
  const before = new Map<string, Neighbour[]>();
  const after = new Map<string, Neighbour[]>();
  const push = (map: Map<string, Neighbour[]>, key: string, neighbour: Neighbour) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [neighbour]);
    else list.push(neighbour);
  };
  for (const [from, to, leaves = 0, enters = 0] of edges) {
    push(after, from, { key: to, there: enters, here: leaves });
    push(before, to, { key: from, there: leaves, here: enters });
  }
  return { before, after };
}

/** How many boxes lie before each on the longest way; those in a circle count as beginnings. */
function depths(boxes: Boxes, { before, after }: Neighbours): ReadonlyMap<string, number> {
  const waiting = new Map([...before].map(([key, list]) => [key, list.length]));
  const depth = new Map([...boxes.keys()].map((key) => [key, 0]));
  const ready = [...boxes.keys()].filter((key) => !waiting.has(key));
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    for (const { key: next } of after.get(key) ?? []) {
      depth.set(next, Math.max(depth.get(next) ?? 0, (depth.get(key) ?? 0) + 1));
      const left = (waiting.get(next) ?? 1) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return depth;
}

/** Beginnings stand right before what they feed first. */
function placesOf(boxes: Boxes, around: Neighbours): ReadonlyMap<string, number> {
  const depth = depths(boxes, around);
  return new Map(
    [...boxes.keys()].map((key) => {
      const feeds = (around.after.get(key) ?? []).map((next) => depth.get(next.key) ?? 0);
      const isBeginning = !around.before.has(key) && feeds.length > 0;
      const first = feeds.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
      return [key, isBeginning ? Math.max(0, first - 1) : (depth.get(key) ?? 0)];
    }),
  );
}

interface Bent {
  readonly boxes: Boxes;
  readonly edges: Edges;
  readonly places: ReadonlyMap<string, number>;
}

/** Edges that pass columns get a small box in each of them, shared by all that leave from the same spot. */
function bent(boxes: Boxes, edges: Edges, places: ReadonlyMap<string, number>): Bent {
  const bends = new Map<string, number>();
  const parts: Edge[] = [];
  for (const [from, to, leaves = 0, enters = 0] of edges) {
    const [begin, end] = [places.get(from) ?? 0, places.get(to) ?? 0];
    let last: readonly [string, number] = [from, leaves];
    for (let at = begin + 1; at < end; at += 1) {
      const key = `bend ${at} ${leaves} ${from}`;
      if (!bends.has(key)) parts.push([last[0], key, last[1], 0]);
      bends.set(key, at);
      last = [key, 0];
      if (bends.size > MOST_BENDS) return { boxes, edges, places };
    }
    parts.push([last[0], to, last[1], enters]);
  }
  return {
    boxes: new Map([...boxes, ...[...bends.keys()].map((key) => [key, BEND] as const)]),
    edges: parts,
    places: new Map([...places, ...bends]),
  };
}

function columnsOf(boxes: Boxes, edges: Edges): Columns {
  const made = bent(boxes, edges, placesOf(boxes, neighbours(edges)));
  const around = neighbours(made.edges);
  const columns: string[][] = [];
  for (const [key, at] of made.places) {
    while (columns.length <= at) columns.push([]);
    columns[at]?.push(key);
  }
  return { boxes: made.boxes, around, columns: inOrder({ boxes: made.boxes, around, columns }) };
}

interface Wish {
  readonly height: number;
  readonly weight: number;
}

/** Where a box would stand for its links to be straight; one that has none stays. */
function wishOf(
  key: string,
  sides: readonly Neighbours['before'][],
  heights: ReadonlyMap<string, number>,
): Wish {
  let [sum, count] = [0, 0];
  for (const side of sides) {
    for (const { key: other, there, here } of side.get(key) ?? []) {
      sum += (heights.get(other) ?? 0) + there - here;
      count += 1;
    }
  }
  return count === 0
    ? { height: heights.get(key) ?? 0, weight: LOOSE }
    : { height: sum / count, weight: count };
}

/** The heights nearest to the wishes with all boxes apart: neighbours that would touch move as one. */
function apart(wishes: readonly Wish[], sizes: readonly number[], gap: number): readonly number[] {
  const offsets: number[] = [];
  for (const [at, size] of sizes.entries()) {
    const above = sizes[at - 1];
    offsets.push(above === undefined ? 0 : (offsets[at - 1] ?? 0) + (above + size) / 2 + gap);
  }
  const blocks: { mean: number; weight: number; count: number }[] = [];
  for (const [at, { height, weight }] of wishes.entries()) {
    let block = { mean: height - (offsets[at] ?? 0), weight, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      blocks.pop();
      const both = last.weight + block.weight;
      const mean = (last.mean * last.weight + block.mean * block.weight) / both;
      block = { mean, weight: both, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const shifts = blocks.flatMap(({ mean, count }) => Array.from({ length: count }, () => mean));
  return offsets.map((offset, at) => offset + (shifts[at] ?? 0));
}

function heightsOf({ boxes, columns, around }: Columns, gap: number): ReadonlyMap<string, number> {
  const heights = new Map<string, number>();
  const settle = (column: readonly string[], wishes: readonly Wish[]) => {
    const sizes = column.map((key) => boxes.get(key)?.[1] ?? 0);
    for (const [at, height] of apart(wishes, sizes, gap).entries()) heights.set(column[at] ?? '', height);
  };
  for (const column of columns)
    settle(
      column,
      column.map(() => ({ height: 0, weight: 1 })),
    );
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForth = sweep % 2 === 0;
    const isLate = sweep >= SWEEPS - 4;
    const sides = isLate ? [around.before, around.after] : [isForth ? around.before : around.after];
    for (const column of isForth ? columns : columns.toReversed()) {
      settle(
        column,
        column.map((key) => wishOf(key, sides, heights)),
      );
    }
  }
  return heights;
}

interface Lot {
  readonly boxes: Map<string, Size>;
  readonly edges: Edge[];
}

/** Boxes that edges connect, each lot in the order of the boxes. */
function lots(boxes: Boxes, edges: Edges): readonly Lot[] {
  const { before, after } = neighbours(edges);
  const lotOf = new Map<string, Lot>();
  const all: Lot[] = [];
  for (const start of boxes.keys()) {
    if (lotOf.has(start)) continue;
    const lot: Lot = { boxes: new Map(), edges: [] };
    all.push(lot);
    const open = [start];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (lotOf.has(key)) continue;
      lotOf.set(key, lot);
      for (const { key: other } of [...(before.get(key) ?? []), ...(after.get(key) ?? [])]) open.push(other);
    }
  }
  for (const [key, size] of boxes) lotOf.get(key)?.boxes.set(key, size);
  for (const edge of edges) lotOf.get(edge[0])?.edges.push(edge);
  return all;
}

interface Placed {
  readonly middles: ReadonlyMap<string, Point>;
  readonly size: Size;
}

/** The middles of connected boxes, from the upper left corner of all. */
function placed(boxes: Boxes, edges: Edges, gaps: Size): Placed {
  const all = columnsOf(boxes, edges);
  const heights = heightsOf(all, gaps[1]);
  const middles = new Map<string, Point>();
  let [left, top, bottom] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of all.columns) {
    let widest = 0;
    for (const key of column) {
      const size = boxes.get(key);
      if (size === undefined) continue;
      const y = heights.get(key) ?? 0;
      middles.set(key, [left + size[0] / 2, y]);
      widest = Math.max(widest, size[0]);
      top = Math.min(top, y - size[1] / 2);
      bottom = Math.max(bottom, y + size[1] / 2);
    }
    left += widest + gaps[0];
  }
  const shifted = [...middles].map(([key, [x, y]]) => [key, [x, y - top] as const] as const);
  return { middles: new Map(shifted), size: [left - gaps[0], bottom - top] };
}

/** The middles of boxes, in columns after the edges between them; parts that nothing connects lie below each other. */
export function inColumns(boxes: Boxes, edges: Edges, gaps: Size): ReadonlyMap<string, Point> {
  const parts = lots(boxes, edges).map((lot) => placed(lot.boxes, lot.edges, gaps));
  parts.sort((one, other) => other.middles.size - one.middles.size);
  const widest = parts.reduce((most, { size }) => Math.max(most, size[0]), 0);
  const middles = new Map<string, Point>();
  let [left, top, row] = [0, 0, 0];
  for (const { middles: part, size } of parts) {
    const isAlone = part.size === 1;
    if (left > 0 && (!isAlone || left + size[0] > widest)) {
      top += row + gaps[1];
      [left, row] = [0, 0];
    }
    for (const [key, [x, y]] of part) middles.set(key, [left + x, top + y]);
    row = Math.max(row, size[1]);
    left += size[0] + gaps[0];
    if (!isAlone) {
      top += row + APART * gaps[1];
      [left, row] = [0, 0];
    }
  }
  return middles;
}
