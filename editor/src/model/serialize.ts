/**
 * Workflow files of the formats 0.4 and 1.0 to graphs and back.
 *
 * What is written equals what was read, but: fields that every file has are written where one lacks them; too few values
 * of a known node are filled up; the ends of a link stand where the input that names it is; links that no input names, or
 * that lead nowhere, are gone; counters are at least the greatest number in use; renamed types have their new name.
 */

import type { Definitions } from './definition';
import { FormatError } from './formatError';
import { isList, isObject, listOf, objectOf, wholeNumber } from './json';
import {
  bodyExtra,
  completedBody,
  greatestLinkId,
  greatestNodeId,
  readBody,
  writeBody,
} from './serialize_body';
import { type Codec, Fields, TEXT, TEXT_OR_NONE, TYPE, Written } from './serialize_fields';
import { inOldOrder } from './serialize_nodes';
import {
  type Body,
  type Boundary,
  type Graph,
  type Json,
  type JsonObject,
  type Link,
  SUBGRAPH_INPUTS,
  SUBGRAPH_OUTPUTS,
  type Subgraph,
} from './types';

type Version = Graph['version'];

/** Of a file that does not say: its links tell. */
function versionOf(raw: JsonObject): Version {
  const version = raw.version;
  if (typeof version === 'number') return version >= 1 ? '1' : '0.4';
  return isObject(listOf(raw.links)[0]) ? '1' : '0.4';
}

const VERSION: Codec<Version> = {
  read: (json) => (typeof json === 'number' && json >= 1 ? '1' : '0.4'),
  write: (version) => Number(version),
};

/** Whether some JSON is a workflow as an editor saves it. */
export function isWorkflow(data: Json): data is JsonObject {
  return isObject(data) && isList(data.nodes) && data.nodes.every((node) => isObject(node));
}

function readBoundary(raw: Json, at: number): Boundary {
  const fields = new Fields(objectOf(raw));
  const [id, name, type] = [fields.take('id', TEXT), fields.take('name', TEXT), fields.take('type', TYPE)];
  return { id: id || `${at}`, name, type, label: fields.take('label', TEXT_OR_NONE), extra: fields.rest };
}

function readSubgraph(raw: JsonObject): Subgraph {
  const { inputs, outputs, ...others } = raw;
  const fields = new Fields(bodyExtra(others));
  return {
    id: fields.take('id', TEXT),
    name: fields.take('name', TEXT),
    inputs: listOf(inputs).map(readBoundary),
    outputs: listOf(outputs).map(readBoundary),
    body: readBody(raw, true),
    extra: fields.rest,
  };
}

function readSubgraphs(raw: JsonObject): ReadonlyMap<string, Subgraph> {
  const all = listOf(objectOf(raw.definitions).subgraphs).filter(isObject).map(readSubgraph);
  return new Map(all.map((subgraph) => [subgraph.id, subgraph]));
}

const COUNTERS: readonly string[] = ['last_node_id', 'last_link_id'];

function graphExtra(raw: JsonObject): JsonObject {
  const fields = new Fields(bodyExtra(raw));
  fields.take('version', VERSION);
  for (const counter of COUNTERS) if (wholeNumber(raw[counter]) !== undefined) fields.drop(counter);
  const { definitions, ...rest } = fields.rest;
  if (!isObject(definitions)) return definitions === undefined ? rest : { ...rest, definitions };
  const emptied = 'subgraphs' in definitions ? { ...definitions, subgraphs: [] } : definitions;
  return { ...rest, definitions: emptied };
}

function counter(raw: JsonObject, key: string, stateKey: string, inUse: readonly number[]): number {
  const told = wholeNumber(raw[key]) ?? wholeNumber(objectOf(raw.state)[stateKey]) ?? 0;
  return Math.max(told, ...inUse);
}

function completedGraph(graph: Graph, definitions: Definitions): Graph {
  const subgraphs = new Map(
    [...graph.subgraphs].map(([id, subgraph]) => {
      return [id, { ...subgraph, body: completedBody(subgraph.body, graph, definitions) }];
    }),
  );
  return { ...graph, ...completedBody(graph, { ...graph, subgraphs }, definitions), subgraphs };
}

/** Throws a FormatError for what is no workflow; of one with single faults everything else is read. */
export function readWorkflow(data: Json, definitions: Definitions): Graph {
  if (!isWorkflow(data)) throw new FormatError('format.notAWorkflow');
  const body = readBody(data, false);
  const subgraphs = readSubgraphs(data);
  const bodies: readonly Body[] = [body, ...[...subgraphs.values()].map((subgraph) => subgraph.body)];
  const graph: Graph = {
    ...body,
    subgraphs,
    lastNodeId: counter(data, 'last_node_id', 'lastNodeId', bodies.map(greatestNodeId)),
    lastLinkId: counter(data, 'last_link_id', 'lastLinkId', bodies.map(greatestLinkId)),
    version: versionOf(data),
    extra: graphExtra(data),
  };
  return completedGraph(graph, definitions);
}

function boundaryLinks(body: Body, side: 'input' | 'output', slot: number): readonly number[] {
  const isAt = (link: Link) =>
    side === 'input'
      ? link.source === SUBGRAPH_INPUTS && link.sourceSlot === slot
      : link.target === SUBGRAPH_OUTPUTS && link.targetSlot === slot;
  return [...body.links.values()].filter(isAt).map((link) => link.id);
}

function writeBoundary(
  { id, name, type, label, extra }: Boundary,
  links: readonly number[],
  at: number,
): JsonObject {
  const isNumbered = id === `${at}`;
  return new Written(extra)
    .set('id', isNumbered ? (extra.id ?? id) : id)
    .put('name', TEXT, name)
    .put('type', TYPE, type)
    .set('linkIds', inOldOrder(links, extra.linkIds))
    .put('label', TEXT_OR_NONE, label)
    .object();
}

/** `state` of a 1.0 body with its counters at least as high as what is in use. */
function writeState(old: Json | undefined, body: Body, nodes: number, links: number): JsonObject {
  const state = objectOf(old);
  const atLeast = (key: string, inUse: readonly number[]) => Math.max(wholeNumber(state[key]) ?? 0, ...inUse);
  return {
    ...state,
    lastGroupId: atLeast(
      'lastGroupId',
      body.groups.map((group) => group.id),
    ),
    lastNodeId: atLeast('lastNodeId', [nodes]),
    lastLinkId: atLeast('lastLinkId', [links]),
    lastRerouteId: atLeast('lastRerouteId', [...body.reroutes.keys()]),
  };
}

function boundaryNode(id: number, x: number): JsonObject {
  return { id, bounding: [x, 0, 120, 60] };
}

function writeSubgraph(subgraph: Subgraph, graph: Graph, definitions: Definitions): JsonObject {
  const { body, extra } = subgraph;
  const state = writeState(extra.state, body, greatestNodeId(body), greatestLinkId(body));
  return {
    version: 1,
    revision: 0,
    config: {},
    inputNode: boundaryNode(Number(SUBGRAPH_INPUTS), -200),
    outputNode: boundaryNode(Number(SUBGRAPH_OUTPUTS), 600),
    widgets: [],
    ...extra,
    id: subgraph.id,
    name: subgraph.name,
    state,
    inputs: subgraph.inputs.map((input, at) => writeBoundary(input, boundaryLinks(body, 'input', at), at)),
    outputs: subgraph.outputs.map((output, at) =>
      writeBoundary(output, boundaryLinks(body, 'output', at), at),
    ),
    ...writeBody(body, extra, graph, definitions, false),
  };
}

function writeDefinitions(graph: Graph, definitions: Definitions): JsonObject {
  const old = graph.extra.definitions;
  if (graph.subgraphs.size === 0) return old === undefined ? {} : { definitions: old };
  const subgraphs = [...graph.subgraphs.values()].map((item) => writeSubgraph(item, graph, definitions));
  return { definitions: { ...objectOf(old), subgraphs } };
}

function writeCounters(graph: Graph): JsonObject {
  const { lastNodeId, lastLinkId, extra } = graph;
  if (graph.version === '1') return { state: writeState(extra.state, graph, lastNodeId, lastLinkId) };
  return { last_node_id: lastNodeId, last_link_id: lastLinkId };
}

/** In the format that the graph came in. */
export function writeWorkflow(graph: Graph, definitions: Definitions): JsonObject {
  const { version: oddVersion, ...extra } = graph.extra;
  const means = oddVersion !== undefined && VERSION.read(oddVersion) === graph.version;
  return {
    config: {},
    extra: {},
    ...extra,
    ...writeCounters(graph),
    ...writeBody(graph, extra, graph, definitions, graph.version === '0.4'),
    ...writeDefinitions(graph, definitions),
    version: means ? oddVersion : (VERSION.write(graph.version) ?? null),
  };
}
