/**
 * Seeds of runs: what is shown is what is used, and what was used is changed as its control says before the next run, or
 * after its own where that is set.
 *
 * So a seed that somebody typed, or that came with a file, runs as it is; only one that has run already is advanced.
 */

import * as v from 'valibot';
import { CONTROLS, controlOf, type Definitions } from '../model/definition';
import { advanced } from '../model/seeds';
import type { Body, Graph, GraphNode, Json, NodeId } from '../model/types';
import { forThisTab, readStored, store } from './stored';

const STORED = 'nodeloom.seeds';
const schema = v.fallback(v.record(v.string(), v.record(v.string(), v.string())), {});
const CONTROL_VALUES: ReadonlySet<Json | undefined> = new Set(CONTROLS);

/** By place, as text: a seed may be longer than a double holds. */
export type Used = Readonly<Record<string, string>>;
type Subgraphs = Graph['subgraphs'];

export interface NextSeeds {
  readonly graph: Graph;
  /** What runs now, for `rememberSeeds`. */
  readonly used: Used;
}

/** The graph as it is to be run next, after a run with those seeds. */
export function withNextSeeds(
  document: string,
  before: Graph,
  definitions: Definitions,
  last: Used = readUsed()[document] ?? {},
): NextSeeds {
  const after = advanced(before, definitions, randomSeed, 'before');
  const graph = withUnusedOf(before, after, last);
  return { graph, used: Object.fromEntries(seedsIn(before, after, graph)) };
}

/** The graph as it is, where seeds are changed after a run. */
export function withSeedsAsTheyAre(graph: Graph, definitions: Definitions): NextSeeds {
  const after = advanced(graph, definitions, randomSeed, 'after');
  return { graph, used: Object.fromEntries(seedsIn(graph, after, graph)) };
}

/** These seeds have run now. `open`: the documents whose seeds still matter. */
export function rememberSeeds(document: string, used: Used, open: ReadonlySet<string>): void {
  const others = Object.entries(readUsed()).filter(([id]) => open.has(id) && id !== document);
  store(forThisTab, STORED, Object.fromEntries([...others, [document, used]]));
}

function readUsed(): Readonly<Record<string, Used>> {
  return v.parse(schema, readStored(forThisTab, STORED) ?? {});
}

function randomSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
}

// Which values are seeds

/** The places and values of all that has a control, or that one elsewhere changes, as with a seed of a subgraph. */
function* seedsIn(
  before: Graph,
  after: Graph,
  chosen: Graph,
): Iterable<readonly [place: string, value: string]> {
  for (const [where, body] of bodiesOf(chosen)) {
    const [from, to] = [bodyAt(before, where), bodyAt(after, where)];
    for (const node of body.nodes.values()) {
      const changed = changedNames(from?.nodes.get(node.id), to?.nodes.get(node.id));
      for (const name of new Set([...controlledNames(node), ...changed])) {
        yield [placeOf(where, node.id, name), textOf(node.values.get(name))];
      }
    }
  }
}

function* bodiesOf(graph: Graph): Iterable<readonly [string, Body]> {
  yield ['', graph];
  for (const [id, { body }] of graph.subgraphs) yield [id, body];
}

function bodyAt(graph: Graph, where: string): Body | undefined {
  return where === '' ? graph : graph.subgraphs.get(where)?.body;
}

function controlledNames(node: GraphNode): readonly string[] {
  return [...node.values.keys()].filter((name) => CONTROL_VALUES.has(node.values.get(controlOf(name))));
}

function changedNames(before: GraphNode | undefined, after: GraphNode | undefined): readonly string[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [...after.values.keys()].filter((name) => before.values.get(name) !== after.values.get(name));
}

// Seeds that have not run stay

/** The advanced graph with the seeds of the one before that have not run yet. */
function withUnusedOf(before: Graph, after: Graph, used: Used): Graph {
  if (after === before) return before;
  const nodes = unusedNodes('', before, after, used);
  const subgraphs = unusedSubgraphs(before.subgraphs, after.subgraphs, used);
  const isSame = nodes === before.nodes && subgraphs === before.subgraphs;
  return isSame ? before : { ...after, nodes, subgraphs };
}

function unusedSubgraphs(before: Subgraphs, after: Subgraphs, used: Used): Subgraphs {
  return replaced(before, after, (old, subgraph, id) => {
    const nodes = unusedNodes(id, old.body, subgraph.body, used);
    return nodes === old.body.nodes ? old : { ...subgraph, body: { ...subgraph.body, nodes } };
  });
}

function unusedNodes(where: string, before: Body, after: Body, used: Used): ReadonlyMap<NodeId, GraphNode> {
  return replaced(before.nodes, after.nodes, (old, node) => unusedValues(where, old, node, used));
}

/** The later entries, each as `choose` has it where it changed; the earlier map itself where that leaves no change. */
function replaced<Id, Value>(
  before: ReadonlyMap<Id, Value>,
  after: ReadonlyMap<Id, Value>,
  choose: (before: Value, after: Value, id: Id) => Value,
): ReadonlyMap<Id, Value> {
  if (before === after) return before;
  const chosen = new Map(after);
  for (const [id, value] of after) {
    const old = before.get(id);
    if (old !== undefined && old !== value) chosen.set(id, choose(old, value, id));
  }
  const isSame = chosen.size === before.size && [...chosen].every(([id, value]) => before.get(id) === value);
  return isSame ? before : chosen;
}

/** A seed that stood nowhere but in the node inside of it runs first as it is there. */
function unusedValues(where: string, before: GraphNode, after: GraphNode, used: Used): GraphNode {
  const values = new Map(after.values);
  for (const name of changedNames(before, after)) {
    const value = before.values.get(name);
    if (used[placeOf(where, before.id, name)] === textOf(value)) continue;
    if (value === undefined) values.delete(name);
    else values.set(name, value);
  }
  const isSame =
    values.size === before.values.size &&
    [...values].every(([name, value]) => before.values.get(name) === value);
  return isSame ? before : { ...after, values };
}

function placeOf(where: string, node: NodeId, name: string): string {
  return `${where}/${node}/${name}`;
}

function textOf(value: Json | undefined): string {
  return String(value);
}
