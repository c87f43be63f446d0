/** Links and reroutes between files and the editor; files have links as lists (0.4) or as objects (1.0). */

import { isList, isObject, listOf, sameJson, wholeNumber } from './json';
import { COUNT, Fields, NODE_ID, pair, REFERENCE, TYPE, Written } from './serialize_fields';
import { inOldOrder } from './serialize_nodes';
import {
  type Body,
  type GraphNode,
  type Json,
  type JsonObject,
  type Link,
  type LinkId,
  type NodeId,
  type Reroute,
  type RerouteId,
  SUBGRAPH_INPUTS,
  SUBGRAPH_OUTPUTS,
} from './types';

const POSITION = pair([0, 0]);

/** Which reroute a link of a 0.4 file ends at; objects say that themselves. */
export type Extensions = ReadonlyMap<LinkId, RerouteId>;

export function readExtensions(raw: Json | undefined): Extensions {
  const found = new Map<LinkId, RerouteId>();
  for (const extension of listOf(raw)) {
    if (!isObject(extension)) continue;
    const [id, parent] = [wholeNumber(extension.id), wholeNumber(extension.parentId)];
    if (id !== undefined && parent !== undefined) found.set(id, parent);
  }
  return found;
}

function readList(raw: readonly Json[], extensions: Extensions): Link | null {
  const [rawId, source, sourceSlot, target, targetSlot, type, ...tail] = raw;
  const id = wholeNumber(rawId);
  if (id === undefined) return null;
  const odd = typeof type === 'string' || type === undefined ? {} : { type };
  return {
    id,
    source: NODE_ID.read(source),
    sourceSlot: COUNT.read(sourceSlot),
    target: NODE_ID.read(target),
    targetSlot: COUNT.read(targetSlot),
    type: TYPE.read(type),
    reroute: extensions.get(id) ?? null,
    extra: tail.length === 0 ? odd : { ...odd, tail },
  };
}

function readObject(raw: JsonObject, extensions: Extensions): Link | null {
  const fields = new Fields(raw);
  const id = wholeNumber(fields.drop('id'));
  if (id === undefined) return null;
  return {
    id,
    source: fields.take('origin_id', NODE_ID),
    sourceSlot: fields.take('origin_slot', COUNT),
    target: fields.take('target_id', NODE_ID),
    targetSlot: fields.take('target_slot', COUNT),
    type: fields.take('type', TYPE),
    reroute: fields.take('parentId', REFERENCE) ?? extensions.get(id) ?? null,
    extra: fields.rest,
  };
}

/** Of several links with one id the first. */
export function readLinks(raw: Json | undefined, extensions: Extensions): ReadonlyMap<LinkId, Link> {
  const links = new Map<LinkId, Link>();
  for (const item of listOf(raw)) {
    const link = isList(item)
      ? readList(item, extensions)
      : isObject(item)
        ? readObject(item, extensions)
        : null;
    if (link !== null && !links.has(link.id)) links.set(link.id, link);
  }
  return links;
}

export function readReroutes(raw: Json | undefined): ReadonlyMap<RerouteId, Reroute> {
  const reroutes = new Map<RerouteId, Reroute>();
  for (const item of listOf(raw)) {
    const id = isObject(item) ? wholeNumber(item.id) : undefined;
    if (!isObject(item) || id === undefined || reroutes.has(id)) continue;
    const fields = new Fields(item);
    fields.drop('id');
    const [parent, pos] = [fields.take('parentId', REFERENCE), fields.take('pos', POSITION)];
    reroutes.set(id, { id, pos, parent, extra: fields.rest });
  }
  return reroutes;
}

/** What the inputs of a file's nodes say of their links, by node. */
export type Named = ReadonlyMap<NodeId, readonly (LinkId | null | undefined)[]>;

interface Place {
  readonly target: NodeId;
  readonly targetSlot: number;
}

function claims(named: Named): ReadonlyMap<LinkId, Place> {
  const found = new Map<LinkId, Place>();
  for (const [target, links] of named) {
    for (const [targetSlot, id] of links.entries()) {
      if (typeof id === 'number' && !found.has(id)) found.set(id, { target, targetSlot });
    }
  }
  return found;
}

/**
 * The links that count: an input says which link it has, whatever position the link names; a link that no input names
 * counts only where the input says nothing. At most one goes into each input.
 */
export function settledLinks(
  links: ReadonlyMap<LinkId, Link>,
  named: Named,
  isInside: boolean,
): ReadonlyMap<LinkId, Link> {
  const claimed = claims(named);
  const taken = new Set<string>();
  const settled = new Map<LinkId, Link>();
  for (const link of links.values()) {
    if (!named.has(link.source) && !(isInside && link.source === SUBGRAPH_INPUTS)) continue;
    const isOutput = isInside && link.target === SUBGRAPH_OUTPUTS;
    const isSilent = named.has(link.target) && named.get(link.target)?.[link.targetSlot] === undefined;
    const place = claimed.get(link.id) ?? (isOutput || isSilent ? link : null);
    const key = place === null ? '' : `${place.targetSlot}:${place.target}`;
    if (place === null || taken.has(key)) continue;
    taken.add(key);
    settled.set(link.id, { ...link, target: place.target, targetSlot: place.targetSlot });
  }
  return settled;
}

/** Without links to inputs that are not there, and to reroutes that are not. */
export function soundLinks(
  links: ReadonlyMap<LinkId, Link>,
  nodes: ReadonlyMap<NodeId, GraphNode>,
  reroutes: ReadonlyMap<RerouteId, Reroute>,
): ReadonlyMap<LinkId, Link> {
  const sound = new Map<LinkId, Link>();
  for (const link of links.values()) {
    const [source, target] = [nodes.get(link.source), nodes.get(link.target)];
    if (target !== undefined && link.targetSlot >= target.inputs.length) continue;
    if (source !== undefined && link.sourceSlot >= source.outputs.length) continue;
    const isKnown = link.reroute === null || reroutes.has(link.reroute);
    sound.set(link.id, isKnown ? link : { ...link, reroute: null });
  }
  return sound;
}

function writtenType({ type, extra }: Link): Json {
  const odd = extra.type;
  return odd !== undefined && sameJson(TYPE.read(odd), type) ? odd : type;
}

export function writeLinkAsList(link: Link): Json {
  return [
    link.id,
    NODE_ID.write(link.source) ?? null,
    link.sourceSlot,
    NODE_ID.write(link.target) ?? null,
    link.targetSlot,
    writtenType(link),
    ...listOf(link.extra.tail),
  ];
}

export function writeLinkAsObject(link: Link): JsonObject {
  const { tail: _, ...extra } = link.extra;
  return new Written(extra)
    .set('id', link.id)
    .put('origin_id', NODE_ID, link.source)
    .put('origin_slot', COUNT, link.sourceSlot)
    .put('target_id', NODE_ID, link.target)
    .put('target_slot', COUNT, link.targetSlot)
    .set('type', writtenType(link))
    .put('parentId', REFERENCE, link.reroute)
    .object();
}

export function writeExtensions(links: Iterable<Link>): readonly Json[] {
  return [...links].flatMap(({ id, reroute }) => (reroute === null ? [] : [{ id, parentId: reroute }]));
}

/** The links that pass through each reroute. */
function linksThrough(body: Body): ReadonlyMap<RerouteId, readonly LinkId[]> {
  const through = new Map<RerouteId, LinkId[]>();
  for (const link of body.links.values()) {
    const passed = new Set<RerouteId>();
    let next = link.reroute;
    while (next !== null && !passed.has(next)) {
      passed.add(next);
      const list = through.get(next) ?? [];
      list.push(link.id);
      through.set(next, list);
      next = body.reroutes.get(next)?.parent ?? null;
    }
  }
  return through;
}

export function writeReroutes(body: Body): readonly Json[] {
  const through = linksThrough(body);
  return [...body.reroutes.values()].map(({ id, parent, pos, extra }) =>
    new Written(extra)
      .set('id', id)
      .put('parentId', REFERENCE, parent)
      .put('pos', POSITION, pos)
      .set('linkIds', inOldOrder(through.get(id) ?? [], extra.linkIds))
      .object(),
  );
}
