/** A quick layered layout for graphs that are too large or too deep for the thorough one. */

import type { Point, Size } from './types';

export type Boxes = ReadonlyMap<string, Size>;
export type Edges = readonly (readonly [from: string, to: string])[];

const SWEEPS = 6;

interface Neighbours {
  readonly before: ReadonlyMap<string, readonly string[]>;
  readonly after: ReadonlyMap<string, readonly string[]>;
}

function neighbours(edges: Edges): Neighbours {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, value: string) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
  };
  for (const [from, to] of edges) {
    push(after, from, to);
    push(before, to, from);
  }
  return { before, after };
}

/** How many boxes lie before each on the longest way; those in a circle count as beginnings. */
export function depths(boxes: Boxes, edges: Edges): ReadonlyMap<string, number> {
  const { before, after } = neighbours(edges);
  const waiting = new Map([...before].map(([key, list]) => [key, list.length]));
  const depth = new Map([...boxes.keys()].map((key) => [key, 0]));
  const ready = [...boxes.keys()].filter((key) => !waiting.has(key));
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    for (const next of after.get(key) ?? []) {
      depth.set(next, Math.max(depth.get(next) ?? 0, (depth.get(key) ?? 0) + 1));
      const left = (waiting.get(next) ?? 1) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return depth;
}

/** Beginnings stand right before what they feed first. */
function columnsOf(boxes: Boxes, edges: Edges, { before, after }: Neighbours): string[][] {
  const depth = depths(boxes, edges);
  const columns: string[][] = [];
  for (const key of boxes.keys()) {
    const feeds = (after.get(key) ?? []).map((next) => depth.get(next) ?? 0);
    const isBeginning = !before.has(key) && feeds.length > 0;
    const at = isBeginning
      ? Math.max(0, feeds.reduce((one, other) => Math.min(one, other)) - 1)
      : (depth.get(key) ?? 0);
    while (columns.length <= at) columns.push([]);
    columns[at]?.push(key);
  }
  return columns;
}

/** Every box goes to the mean height of its neighbours, to and fro, so that few links cross. */
function untangled(columns: readonly string[][], { before, after }: Neighbours): readonly string[][] {
  const height = new Map<string, number>();
  const settle = (column: string[]) => {
    for (const [at, key] of column.entries()) height.set(key, at / Math.max(1, column.length));
  };
  for (const column of columns) settle(column);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForth = sweep % 2 === 0;
    const around = isForth ? before : after;
    for (const column of isForth ? columns : columns.toReversed()) {
      const wish = new Map(column.map((key) => [key, mean(around.get(key), height) ?? height.get(key) ?? 0]));
      column.sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0));
      settle(column);
    }
  }
  return columns;
}

function mean(keys: readonly string[] | undefined, height: ReadonlyMap<string, number>): number | null {
  if (keys === undefined || keys.length === 0) return null;
  return keys.reduce((sum, key) => sum + (height.get(key) ?? 0), 0) / keys.length;
}

/** The middles of boxes, in columns after the edges between them. */
export function inColumns(boxes: Boxes, edges: Edges, gaps: Size): ReadonlyMap<string, Point> {
  const around = neighbours(edges);
  const middles = new Map<string, Point>();
  let left = 0;
  for (const column of untangled(columnsOf(boxes, edges, around), around)) {
    const sizes = column.map((key): Size => boxes.get(key) ?? [0, 0]);
    const width = sizes.reduce((widest, size) => Math.max(widest, size[0]), 0);
    let top = -sizes.reduce((sum, size) => sum + size[1] + gaps[1], 0) / 2;
    for (const [at, key] of column.entries()) {
      const height = sizes[at]?.[1] ?? 0;
      middles.set(key, [left + width / 2, top + height / 2]);
      top += height + gaps[1];
    }
    left += width + gaps[0];
  }
  return middles;
}
