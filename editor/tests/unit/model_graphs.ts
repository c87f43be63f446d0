/** Random graphs for the laws of the model, and what makes a graph a consistent one. */

import { expect } from 'vitest';
import type { Definitions, NodeDefinition } from '../../src/model/definition';
import { addGroup, addNode, addReroute, connect, inputOf, outputOf } from '../../src/model/edit';
import { isBoundary, socketAt } from '../../src/model/graph';
import { parseJson } from '../../src/model/json';
import { chainOf } from '../../src/model/reroute_chains';
import { readDefinitions } from '../../src/model/schema';
import { toSubgraph } from '../../src/model/subgraphs';
import type { Body, Boundary, Graph, GraphNode, Link, NodeId } from '../../src/model/types';
import { EMPTY_GRAPH } from '../../src/model/types';
import objectInfo from './fixtures/object_info.json?raw';

export const definitions: Definitions = readDefinitions(parseJson(objectInfo));

export function definition(type: string): NodeDefinition {
  const found = definitions.get(type);
  if (found === undefined) throw new Error(`no ${type} in the fixture`);
  return found;
}

/** A generator of numbers that a seed determines wholly. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761) >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(items.length)];
  }

  some<Item>(items: Iterable<Item>, share: number): Item[] {
    return [...items].filter(() => this.next() < share);
  }
}

const ANY: NodeDefinition = {
  ...definition('VAEDecode'),
  id: 'Any',
  inputs: ['a', 'b'].map((name) => ({
    name,
    type: '*',
    optional: true,
    widget: null,
    tooltip: '',
    label: name,
  })),
  outputs: [{ name: 'out', type: '*', isList: false, tooltip: '' }],
};

export const kinds: readonly NodeDefinition[] = [...definitions.values(), ANY, ANY, ANY];

export function randomConnect(graph: Graph, dice: Dice): Graph {
  const ids = [...graph.nodes.keys()];
  const [from, to] = [dice.pick(ids) ?? '', dice.pick(ids) ?? ''];
  const outputs = graph.nodes.get(from)?.outputs.length ?? 0;
  const inputs = graph.nodes.get(to)?.inputs.length ?? 0;
  const [output, input] = [outputOf(from, dice.below(outputs)), inputOf(to, dice.below(inputs))];
  return dice.next() < 0.5 ? connect(graph, output, input) : connect(graph, input, output);
}

/** Nodes of all kinds, links, points on them, groups, and a subgraph within a subgraph now and then. */
export function randomGraph(seed: number, count = 14): { readonly graph: Graph; readonly dice: Dice } {
  const dice = new Dice(seed);
  let graph = EMPTY_GRAPH;
  for (let at = 0; at < count; at += 1) {
    const kind = dice.pick(kinds);
    if (kind !== undefined) graph = addNode(graph, kind, [dice.below(2000), dice.below(1200)]).graph;
  }
  for (let at = 0; at < count * 8; at += 1) graph = randomConnect(graph, dice);
  for (const id of dice.some(graph.links.keys(), 0.3)) {
    graph = addReroute(graph, id, [dice.below(2000), dice.below(1200)]);
  }
  graph = addGroup(graph, 'some', { pos: [dice.below(900), 0], size: [900, 900] });
  for (let at = 0; at < 2; at += 1)
    graph = toSubgraph(graph, dice.some(graph.nodes.keys(), 0.25), 'part').graph;
  return { graph, dice };
}

function expectSocket(
  body: Body,
  link: Link,
  side: 'input' | 'output',
  boundaries: readonly Boundary[],
): void {
  const [node, slot] = side === 'input' ? [link.target, link.targetSlot] : [link.source, link.sourceSlot];
  const isThere =
    isBoundary(node) && !body.nodes.has(node)
      ? slot < boundaries.length
      : socketAt(body, { node, slot, side });
  expect(isThere, `${side} ${slot} of ${node}`).toBeTruthy();
}

function expectAcyclic(body: Body): void {
  const after = new Map<NodeId, NodeId[]>();
  for (const { source, target } of body.links.values())
    after.set(source, [...(after.get(source) ?? []), target]);
  const done = new Map<NodeId, boolean>();
  const visit = (id: NodeId): void => {
    expect(done.get(id), `a circle through ${id}`).not.toBe(false);
    if (done.has(id)) return;
    done.set(id, false);
    for (const next of after.get(id) ?? []) visit(next);
    done.set(id, true);
  };
  for (const id of after.keys()) visit(id);
}

/** All links through a point come from the same socket, and points lead to points that are there. */
function expectSoundReroutes(body: Body): void {
  for (const { id, parent } of body.reroutes.values()) {
    if (parent !== null) expect(body.reroutes.has(parent), `parent of ${id}`).toBe(true);
  }
  const sources = new Map<number, string>();
  for (const link of body.links.values()) {
    if (link.reroute !== null) expect(body.reroutes.has(link.reroute), `point of link ${link.id}`).toBe(true);
    for (const id of chainOf(body, link)) {
      const source = `${link.source}:${link.sourceSlot}`;
      expect(sources.get(id) ?? source, `point ${id}`).toBe(source);
      sources.set(id, source);
    }
  }
}

export function expectSoundBody(body: Body, inputs: readonly Boundary[], outputs: readonly Boundary[]): void {
  const taken = new Set<string>();
  for (const [id, node] of body.nodes) expect(node.id).toBe(id);
  for (const [id, link] of body.links) {
    expect(link.id).toBe(id);
    expectSocket(body, link, 'output', inputs);
    expectSocket(body, link, 'input', outputs);
    const input = `${link.target}:${link.targetSlot}`;
    expect(taken.has(input), `two links into ${input}`).toBe(false);
    taken.add(input);
  }
  const groups = body.groups.map((group) => group.id);
  expect(new Set(groups).size).toBe(groups.length);
  expectAcyclic(body);
  expectSoundReroutes(body);
}

export function expectSound(graph: Graph): void {
  expectSoundBody(graph, [], []);
  for (const [id, subgraph] of graph.subgraphs) {
    expect(subgraph.id).toBe(id);
    expectSoundBody(subgraph.body, subgraph.inputs, subgraph.outputs);
    for (const body of [graph, ...[...graph.subgraphs.values()].map((other) => other.body)]) {
      for (const node of body.nodes.values()) {
        if (node.type !== id) continue;
        expect(node.inputs.length).toBe(subgraph.inputs.length);
        expect(node.outputs.length).toBe(subgraph.outputs.length);
      }
    }
  }
}

function plainNode({ values, pos, ...node }: GraphNode): unknown {
  return { ...node, pos: [...pos], values: [...values] };
}

/** What a graph means and looks like, whatever its links are numbered. */
export function meaning(graph: Graph): unknown {
  const reroutes = (link: Link) => chainOf(graph, link).map((id) => graph.reroutes.get(id)?.pos.join());
  return {
    nodes: Object.fromEntries([...graph.nodes].map(([id, node]) => [id, plainNode(node)])),
    links: [...graph.links.values()].map((link) => linkText(link)).sort(),
    groups: graph.groups.map(({ title, pos, size }) => `${title} ${pos} ${size}`).sort(),
    points: [...graph.links.values()].filter((link) => reroutes(link).length > 0).length,
  };
}

export function linkText(link: Link): string {
  return `${link.source}:${link.sourceSlot} -> ${link.target}:${link.targetSlot} ${link.type}`;
}
