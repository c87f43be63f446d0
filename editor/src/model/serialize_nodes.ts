/** Nodes and groups between files and the editor, as far as that needs no definition. */

import { isList, listOf, objectOf, wholeNumber } from './json';
import {
  BOUNDING,
  COLLAPSED,
  COUNT,
  type Codec,
  Fields,
  MODE,
  NODE_ID,
  OBJECT,
  pair,
  TEXT,
  TEXT_OR_NONE,
  TYPE,
  WIDGET_NAME,
  Written,
} from './serialize_fields';
import type { GraphNode, Group, GroupId, Input, Json, JsonObject, LinkId, Output } from './types';

const POSITION = pair([0, 0]);
const SIZE = pair([210, 100]);

/** In `extra` of what the definition has and the file had not; it is written only once it is in use. */
const IMPLIED = 'nodeloom.implied';

export const IMPLIED_EXTRA: JsonObject = { [IMPLIED]: true };

function isImplied(extra: JsonObject): boolean {
  return extra[IMPLIED] === true;
}

function withoutMark(extra: JsonObject): JsonObject {
  const { [IMPLIED]: _, ...rest } = extra;
  return rest;
}

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['T2IAdapterLoader', 'ControlNetLoader'],
  ['ConditioningAverage ', 'ConditioningAverage'],
  ['SDV_img2vid_Conditioning', 'SVD_img2vid_Conditioning'],
]);

function readInput(raw: Json): Input {
  const fields = new Fields(objectOf(raw));
  const name = fields.take('name', TEXT);
  const type = fields.take('type', TYPE);
  const widget = fields.take('widget', WIDGET_NAME);
  fields.drop('link');
  return { name, type, widget, extra: fields.rest };
}

/** Its `links` stay in `extra`: they are written in their old order. */
function readOutput(raw: Json): Output {
  const fields = new Fields(objectOf(raw));
  return { name: fields.take('name', TEXT), type: fields.take('type', TYPE), extra: fields.rest };
}

/** A list of the file; one that is there and empty is remembered, for many files leave it out. */
function readList<Item>(fields: Fields, raw: JsonObject, key: string, read: (item: Json) => Item): Item[] {
  const list = raw[key];
  if (!isList(list)) return [];
  if (list.length > 0) fields.drop(key);
  return list.map(read);
}

/** Its values are still to be read from `stored`, and sockets that the file lacks to be added (`complete.ts`). */
export function readNode(raw: JsonObject): GraphNode {
  const fields = new Fields(raw);
  const type = fields.take('type', TEXT);
  return {
    id: fields.take('id', NODE_ID),
    type: RENAMED.get(type) ?? type,
    title: fields.take('title', TEXT_OR_NONE),
    pos: fields.take('pos', POSITION),
    size: fields.take('size', SIZE),
    mode: fields.take('mode', MODE),
    collapsed: fields.take('flags', COLLAPSED),
    color: fields.take('color', TEXT_OR_NONE),
    bgcolor: fields.take('bgcolor', TEXT_OR_NONE),
    inputs: readList(fields, raw, 'inputs', readInput),
    outputs: readList(fields, raw, 'outputs', readOutput),
    values: new Map(),
    stored: fields.drop('widgets_values') ?? null,
    properties: fields.take('properties', OBJECT),
    extra: fields.rest,
  };
}

/** For each input of a node in a file: the link it names, null for none, undefined where it says nothing of links. */
export function namedLinks(raw: JsonObject): readonly (LinkId | null | undefined)[] {
  return listOf(raw.inputs).map((input) => {
    const { link } = objectOf(input);
    return link === undefined ? undefined : (wholeNumber(link) ?? null);
  });
}

/** The links of a node's sockets, as `writeNode` asks for them. */
export interface NodeLinks {
  readonly into: (slot: number) => LinkId | null;
  readonly from: (slot: number) => readonly LinkId[];
}

/** The same ids in the order that the file had, what is new at the end. */
export function inOldOrder(ids: readonly number[], old: Json | undefined): readonly number[] {
  const present = new Set(ids);
  const known = listOf(old).flatMap((id) => wholeNumber(id) ?? []);
  return [...new Set([...known.filter((id) => present.has(id)), ...ids])];
}

function isWritten(socket: Input | Output, isLinked: boolean): boolean {
  return isLinked || !isImplied(socket.extra);
}

/** For each socket its position in the file, undefined for those that are not written. */
function positions(written: readonly boolean[]): readonly (number | undefined)[] {
  let next = 0;
  return written.map((is) => (is ? next++ : undefined));
}

export function inputPositions(node: GraphNode, links: NodeLinks): readonly (number | undefined)[] {
  return positions(node.inputs.map((input, slot) => isWritten(input, links.into(slot) !== null)));
}

export function outputPositions(node: GraphNode, links: NodeLinks): readonly (number | undefined)[] {
  const lastUsed = node.outputs.findLastIndex((_, slot) => links.from(slot).length > 0);
  return positions(node.outputs.map((output, slot) => isWritten(output, slot <= lastUsed)));
}

function writeInput({ name, type, widget, extra }: Input, link: LinkId | null): JsonObject {
  return new Written(withoutMark(extra))
    .put('name', TEXT, name)
    .put('type', TYPE, type)
    .put('widget', WIDGET_NAME, widget)
    .set('link', link)
    .object();
}

function writeOutput({ name, type, extra }: Output, links: readonly LinkId[]): JsonObject {
  const old = extra.links;
  const none = old === null ? null : [];
  return new Written(withoutMark(extra))
    .put('name', TEXT, name)
    .put('type', TYPE, type)
    .set('links', links.length === 0 ? none : inOldOrder(links, old))
    .object();
}

const FLAGS: Codec<JsonObject> = OBJECT;

function writeFlags(node: GraphNode): JsonObject {
  const { collapsed: _, ...others } = FLAGS.read(node.extra.flags);
  return node.collapsed ? { ...others, collapsed: true } : others;
}

function listOrAbsent(list: readonly Json[], old: Json | undefined): Json | undefined {
  return list.length > 0 ? list : old;
}

/** `order`: the position in the body, for a node that no file has given one yet. `values`: its `widgets_values`. */
export function writeNode(
  node: GraphNode,
  order: number,
  values: Json | undefined,
  links: NodeLinks,
): JsonObject {
  const { extra } = node;
  const inputs = inputPositions(node, links);
  const outputs = outputPositions(node, links);
  const flags = COLLAPSED.read(extra.flags) === node.collapsed ? extra.flags : undefined;
  return new Written(extra)
    .put('id', NODE_ID, node.id)
    .put('type', TEXT, node.type)
    .put('pos', POSITION, node.pos)
    .put('size', SIZE, node.size)
    .set('flags', flags ?? writeFlags(node))
    .set('order', extra.order ?? order)
    .put('mode', MODE, node.mode)
    .set(
      'inputs',
      listOrAbsent(
        node.inputs.flatMap((input, slot) =>
          inputs[slot] === undefined ? [] : [writeInput(input, links.into(slot))],
        ),
        extra.inputs,
      ),
    )
    .set(
      'outputs',
      listOrAbsent(
        node.outputs.flatMap((output, slot) =>
          outputs[slot] === undefined ? [] : [writeOutput(output, links.from(slot))],
        ),
        extra.outputs,
      ),
    )
    .put('title', TEXT_OR_NONE, node.title)
    .put('properties', OBJECT, node.properties)
    .set('widgets_values', values)
    .put('color', TEXT_OR_NONE, node.color)
    .put('bgcolor', TEXT_OR_NONE, node.bgcolor)
    .object();
}

/** `fallback`: the number of a group to which the file gave none. */
export function readGroup(raw: JsonObject, fallback: GroupId): Group {
  const fields = new Fields(raw);
  const id = wholeNumber(raw.id);
  const [x, y, width, height] = fields.take('bounding', BOUNDING);
  const title = fields.take('title', TEXT);
  const color = fields.take('color', TEXT_OR_NONE);
  if (id !== undefined) fields.take('id', COUNT);
  const extra = id === undefined ? { ...fields.rest, ...IMPLIED_EXTRA } : fields.rest;
  return { id: id ?? fallback, title, pos: [x, y], size: [width, height], color, extra };
}

export function writeGroup({ id, title, pos, size, color, extra }: Group): JsonObject {
  const written = new Written(withoutMark(extra));
  if (!isImplied(extra)) written.put('id', COUNT, id);
  return written
    .put('title', TEXT, title)
    .put('bounding', BOUNDING, [...pos, ...size])
    .put('color', TEXT_OR_NONE, color)
    .object();
}
