/** The body of a workflow or of a subgraph between files and the editor. */

import { completed } from './complete';
import type { Definitions } from './definition';
import { linkInto, linksFrom } from './graph';
import { definitionOf } from './instances';
import { isObject, listOf, objectOf, wholeNumber } from './json';
import {
  type Named,
  readExtensions,
  readLinks,
  readReroutes,
  settledLinks,
  soundLinks,
  writeExtensions,
  writeLinkAsList,
  writeLinkAsObject,
  writeReroutes,
} from './serialize_links';
import {
  inputPositions,
  type NodeLinks,
  namedLinks,
  outputPositions,
  readGroup,
  readNode,
  writeGroup,
  writeNode,
} from './serialize_nodes';
import {
  type Body,
  type Graph,
  type GraphNode,
  type Group,
  type Json,
  type JsonObject,
  type Link,
  type LinkId,
  type NodeId,
  SUBGRAPH_INPUTS,
  SUBGRAPH_OUTPUTS,
} from './types';
import { valuePlaces, writeValues } from './values';

function greatest(numbers: Iterable<number>): number {
  let most = 0;
  for (const number of numbers) most = Math.max(most, number);
  return most;
}

export function greatestNodeId(body: Body): number {
  return greatest([...body.nodes.keys()].flatMap((id) => (/^\d{1,15}$/.test(id) ? Number(id) : [])));
}

export function greatestLinkId(body: Body): number {
  return greatest(body.links.keys());
}

interface ReadNodes {
  readonly nodes: Map<NodeId, GraphNode>;
  readonly named: Named;
}

/** A node without an id, or with that of an earlier one, gets a new one. */
function readNodes(raw: Json | undefined): ReadNodes {
  const all = listOf(raw).filter(isObject);
  let next = greatest(all.map((node) => wholeNumber(node.id) ?? 0));
  const nodes = new Map<NodeId, GraphNode>();
  const named = new Map<NodeId, readonly (LinkId | null | undefined)[]>();
  for (const item of all) {
    const node = readNode(item);
    const isUsed = node.id === '' || node.id === SUBGRAPH_INPUTS || node.id === SUBGRAPH_OUTPUTS;
    const id = isUsed || nodes.has(node.id) ? String(++next) : node.id;
    nodes.set(id, { ...node, id });
    named.set(id, namedLinks(item));
  }
  return { nodes, named };
}

function readGroups(raw: Json | undefined): readonly Group[] {
  const all = listOf(raw).filter(isObject);
  let next = greatest(all.map((group) => wholeNumber(group.id) ?? 0));
  return all.map((group) => {
    if (wholeNumber(group.id) === undefined) next += 1;
    return readGroup(group, next);
  });
}

/** Where a file has its reroutes: beside its links, or in `extra`. */
function storedReroutes(raw: JsonObject): Json | undefined {
  return raw.reroutes ?? objectOf(raw.extra).reroutes;
}

/** The structure alone: values and missing sockets come with `completedBody`, once all subgraphs are known. */
export function readBody(raw: JsonObject, isInside: boolean): Body {
  const { nodes, named } = readNodes(raw.nodes);
  const extensions = readExtensions(objectOf(raw.extra).linkExtensions);
  return {
    nodes,
    links: settledLinks(readLinks(raw.links, extensions), named, isInside),
    reroutes: readReroutes(storedReroutes(raw)),
    groups: readGroups(raw.groups),
  };
}

/** What is written from the body; where a file had it, an empty list marks the place. */
const WRITTEN_ELSEWHERE: readonly string[] = ['reroutes', 'linkExtensions'];

function withEmptied(object: JsonObject): JsonObject {
  const keys = WRITTEN_ELSEWHERE.filter((key) => key in object);
  return { ...object, ...Object.fromEntries(keys.map((key) => [key, []])) };
}

/** What else a file says of a body. */
export function bodyExtra(raw: JsonObject): JsonObject {
  const { nodes: _nodes, links: _links, groups: _groups, ...others } = raw;
  const rest = withEmptied(others);
  return isObject(rest.extra) ? { ...rest, extra: withEmptied(rest.extra) } : rest;
}

function outputsNeeded(body: Body): ReadonlyMap<NodeId, number> {
  const needed = new Map<NodeId, number>();
  for (const { source, sourceSlot } of body.links.values()) {
    needed.set(source, Math.max(needed.get(source) ?? 0, sourceSlot + 1));
  }
  return needed;
}

/** A body with the values and sockets that the definitions give to its nodes; `graph` has the subgraphs. */
export function completedBody(body: Body, graph: Graph, definitions: Definitions): Body {
  const needed = outputsNeeded(body);
  const nodes = new Map(
    [...body.nodes].map(([id, node]) => {
      const definition = definitionOf(graph, node, definitions);
      return [id, completed(node, definition, needed.get(id) ?? 0)];
    }),
  );
  return { ...body, nodes, links: soundLinks(body.links, nodes, body.reroutes) };
}

function linksOf(body: Body, id: NodeId): NodeLinks {
  return {
    into: (slot) => linkInto(body, id, slot)?.id ?? null,
    from: (slot) => linksFrom(body, id, slot).map((link) => link.id),
  };
}

function writeNodes(body: Body, graph: Graph, definitions: Definitions): readonly Json[] {
  return [...body.nodes.values()].map((node, order) => {
    const places = valuePlaces(node.type, definitionOf(graph, node, definitions));
    return writeNode(node, order, writeValues(node, places), linksOf(body, node.id));
  });
}

/** The links with the positions that their ends have in the file. */
function placedLinks(body: Body): readonly Link[] {
  const inputs = new Map<NodeId, readonly (number | undefined)[]>();
  const outputs = new Map<NodeId, readonly (number | undefined)[]>();
  for (const node of body.nodes.values()) {
    const links = linksOf(body, node.id);
    inputs.set(node.id, inputPositions(node, links));
    outputs.set(node.id, outputPositions(node, links));
  }
  return [...body.links.values()].map((link) => ({
    ...link,
    sourceSlot: outputs.get(link.source)?.[link.sourceSlot] ?? link.sourceSlot,
    targetSlot: inputs.get(link.target)?.[link.targetSlot] ?? link.targetSlot,
  }));
}

function filled(object: JsonObject, key: string, list: readonly Json[]): JsonObject {
  return list.length > 0 || key in object ? { ...object, [key]: list } : object;
}

/** `nodes`, `links`, `groups` and reroutes for a file, where `extra` marks the place of these, else at the usual one. */
export function writeBody(
  body: Body,
  extra: JsonObject,
  graph: Graph,
  definitions: Definitions,
  asLists: boolean,
): JsonObject {
  const links = placedLinks(body);
  const reroutes = writeReroutes(body);
  const inner = objectOf(extra.extra);
  const isWithin = 'reroutes' in extra ? false : 'reroutes' in inner || asLists;
  const extensions = asLists ? writeExtensions(links) : [];
  const kept = filled(isWithin ? filled(inner, 'reroutes', reroutes) : inner, 'linkExtensions', extensions);
  return {
    nodes: writeNodes(body, graph, definitions),
    links: links.map(asLists ? writeLinkAsList : writeLinkAsObject),
    groups: body.groups.map(writeGroup),
    ...(isWithin ? {} : filled('reroutes' in extra ? { reroutes: [] } : {}, 'reroutes', reroutes)),
    ...(isObject(extra.extra) || Object.keys(kept).length > 0 ? { extra: kept } : {}),
  };
}
