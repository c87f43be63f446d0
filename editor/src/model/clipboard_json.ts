/** Fragments as JSON text, so that they can be pasted into other tabs, windows and programs. */

import { isObject, listIn, member, numberOf, objectIn, pairOf, textIn } from './access';
import { emptyNode } from './edit_nodes';
import type { Fragment } from './fragment';
import { parseJson, stringifyJson } from './json';
import type {
  Body,
  Boundary,
  GraphNode,
  Group,
  Input,
  Json,
  JsonObject,
  Link,
  Mode,
  Output,
  Reroute,
  Subgraph,
} from './types';
import { SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from './types';

const MARKER = 'nodeloom';
const VERSION = 1;
const MODES: readonly Mode[] = [0, 1, 2, 3, 4];

function writeNode(node: GraphNode): JsonObject {
  const { inputs, outputs, values, ...plain } = node;
  return {
    ...plain,
    inputs: inputs.map((input) => ({ ...input })),
    outputs: outputs.map((output) => ({ ...output })),
    values: [...values],
  };
}

function writeBody(body: Pick<Fragment, 'nodes' | 'links' | 'reroutes' | 'groups'>): JsonObject {
  return {
    nodes: body.nodes.map(writeNode),
    links: body.links.map((link) => ({ ...link })),
    reroutes: body.reroutes.map((reroute) => ({ ...reroute })),
    groups: body.groups.map((group) => ({ ...group })),
  };
}

export function writeSubgraph({ id, name, inputs, outputs, extra, body }: Subgraph): JsonObject {
  const { nodes, links, reroutes, groups } = body;
  return {
    id,
    name,
    inputs: inputs.map((boundary) => ({ ...boundary })),
    outputs: outputs.map((boundary) => ({ ...boundary })),
    extra,
    ...writeBody({
      nodes: [...nodes.values()],
      links: [...links.values()],
      reroutes: [...reroutes.values()],
      groups,
    }),
  };
}

export function fragmentText(fragment: Fragment): string {
  return stringifyJson({
    [MARKER]: VERSION,
    ...writeBody(fragment),
    incoming: fragment.incoming.map((link) => ({ ...link })),
    subgraphs: fragment.subgraphs.map(writeSubgraph),
  });
}

function readAll<Item>(list: readonly Json[], read: (item: JsonObject) => Item | null): Item[] {
  return list.flatMap((item) => (isObject(item) ? (read(item) ?? []) : []));
}

function wholeIn(item: JsonObject, key: string): number | null {
  const number = numberOf(member(item, key));
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

function textOrNull(item: JsonObject, key: string): string | null {
  const text = member(item, key);
  return typeof text === 'string' ? text : null;
}

function readOutput(item: JsonObject): Output {
  return { name: textIn(item, 'name'), type: textIn(item, 'type', '*'), extra: objectIn(item, 'extra') };
}

function readInput(item: JsonObject): Input {
  return { ...readOutput(item), widget: textOrNull(item, 'widget') };
}

function readValues(list: readonly Json[]): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  for (const pair of list) {
    if (!Array.isArray(pair)) continue;
    const [name, value]: readonly (Json | undefined)[] = pair;
    if (typeof name === 'string' && value !== undefined) values.set(name, value);
  }
  return values;
}

function readNode(item: JsonObject): GraphNode | null {
  const [id, type] = [textIn(item, 'id'), textIn(item, 'type')];
  if (id === '' || type === '' || id === SUBGRAPH_INPUTS || id === SUBGRAPH_OUTPUTS) return null;
  return {
    ...emptyNode(id, type, pairOf(item.pos) ?? [0, 0]),
    title: textOrNull(item, 'title'),
    size: pairOf(item.size) ?? [0, 0],
    mode: MODES.find((mode) => mode === wholeIn(item, 'mode')) ?? 0,
    collapsed: item.collapsed === true,
    color: textOrNull(item, 'color'),
    bgcolor: textOrNull(item, 'bgcolor'),
    inputs: readAll(listIn(item, 'inputs'), readInput),
    outputs: readAll(listIn(item, 'outputs'), readOutput),
    values: readValues(listIn(item, 'values')),
    stored: member(item, 'stored') ?? null,
    properties: objectIn(item, 'properties'),
    extra: objectIn(item, 'extra'),
  };
}

function readLink(item: JsonObject): Link | null {
  const [id, sourceSlot, targetSlot] = [
    wholeIn(item, 'id'),
    wholeIn(item, 'sourceSlot'),
    wholeIn(item, 'targetSlot'),
  ];
  if (id === null || sourceSlot === null || targetSlot === null) return null;
  return {
    id,
    source: textIn(item, 'source'),
    sourceSlot,
    target: textIn(item, 'target'),
    targetSlot,
    type: textIn(item, 'type', '*'),
    reroute: wholeIn(item, 'reroute'),
    extra: objectIn(item, 'extra'),
  };
}

function readReroute(item: JsonObject): Reroute | null {
  const id = wholeIn(item, 'id');
  if (id === null) return null;
  const pos = pairOf(item.pos) ?? [0, 0];
  return { id, pos, parent: wholeIn(item, 'parent'), extra: objectIn(item, 'extra') };
}

function readGroup(item: JsonObject): Group | null {
  const [id, pos, size] = [wholeIn(item, 'id'), pairOf(item.pos), pairOf(item.size)];
  if (id === null || pos === null || size === null) return null;
  const [title, color] = [textIn(item, 'title'), textOrNull(item, 'color')];
  return { id, title, pos, size, color, extra: objectIn(item, 'extra') };
}

function readBoundary(item: JsonObject): Boundary {
  return { ...readOutput(item), id: textIn(item, 'id'), label: textOrNull(item, 'label') };
}

function hasSlots(sockets: readonly unknown[] | undefined, slot: number): boolean {
  return sockets !== undefined && slot >= 0 && slot < sockets.length;
}

/** Links between sockets that are there, one to an input, and none that closes a circle. */
function soundLinks(links: readonly Link[], ends: Ends): readonly Link[] {
  const taken = new Set<string>();
  const sound = links.filter((link) => {
    const key = `${link.targetSlot} ${link.target}`;
    const fits = hasSlots(ends.outputs(link.source), link.sourceSlot);
    if (!fits || !hasSlots(ends.inputs(link.target), link.targetSlot) || taken.has(key)) return false;
    taken.add(key);
    return true;
  });
  return withoutCircles(sound);
}

interface Ends {
  readonly inputs: (id: string) => readonly unknown[] | undefined;
  readonly outputs: (id: string) => readonly unknown[] | undefined;
}

/** Without the links into nodes that wait for themselves. */
function withoutCircles(links: readonly Link[]): readonly Link[] {
  const waiting = new Map<string, number>();
  const following = new Map<string, string[]>();
  for (const { source, target } of links) {
    waiting.set(target, (waiting.get(target) ?? 0) + 1);
    const targets = following.get(source);
    if (targets === undefined) following.set(source, [target]);
    else targets.push(target);
  }
  const ready = [...following.keys()].filter((id) => !waiting.has(id));
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const target of following.get(id) ?? []) {
      const left = (waiting.get(target) ?? 1) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return links.filter((link) => waiting.get(link.target) === 0);
}

function unique<Item extends { readonly id: string | number }>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

type Parts = Pick<Fragment, 'nodes' | 'links' | 'reroutes' | 'groups'>;

function readParts(item: JsonObject, boundaries: Pick<Subgraph, 'inputs' | 'outputs'> | null): Parts {
  const nodes = unique(readAll(listIn(item, 'nodes'), readNode));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ends: Ends = {
    inputs: (id) => (id === SUBGRAPH_OUTPUTS ? boundaries?.outputs : byId.get(id)?.inputs),
    outputs: (id) => (id === SUBGRAPH_INPUTS ? boundaries?.inputs : byId.get(id)?.outputs),
  };
  return {
    nodes,
    links: unique(soundLinks(readAll(listIn(item, 'links'), readLink), ends)),
    reroutes: unique(readAll(listIn(item, 'reroutes'), readReroute)),
    groups: readAll(listIn(item, 'groups'), readGroup),
  };
}

function byId<Key, Item extends { readonly id: Key }>(items: readonly Item[]): ReadonlyMap<Key, Item> {
  return new Map(items.map((item) => [item.id, item]));
}

function readSubgraph(item: JsonObject): Subgraph | null {
  const id = textIn(item, 'id');
  if (id === '') return null;
  const inputs = readAll(listIn(item, 'inputs'), readBoundary);
  const outputs = readAll(listIn(item, 'outputs'), readBoundary);
  const { nodes, links, reroutes, groups } = readParts(item, { inputs, outputs });
  const body: Body = { nodes: byId(nodes), links: byId(links), reroutes: byId(reroutes), groups };
  return { id, name: textIn(item, 'name'), inputs, outputs, body, extra: objectIn(item, 'extra') };
}

function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** What a text says, null if it is none of ours; only what is sound is taken over. */
export function readFragment(text: string): Fragment | null {
  if (!text.includes(`"${MARKER}"`)) return null;
  const data = parsed(text);
  if (!isObject(data) || wholeIn(data, MARKER) !== VERSION) return null;
  const parts = readParts(data, null);
  if (parts.nodes.length === 0) return null;
  const incoming = readAll(listIn(data, 'incoming'), readLink);
  return { ...parts, incoming, subgraphs: unique(readAll(listIn(data, 'subgraphs'), readSubgraph)) };
}
