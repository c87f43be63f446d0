/** Edits of the points that links pass through. */

import { samePoint } from './bounds';
import { TITLE_HEIGHT } from './measures';
import { chainOf } from './reroute_chains';
import type { Graph, Link, LinkId, NodeId, Point, Reroute, RerouteId } from './types';

function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function endPoint(graph: Graph, id: NodeId, side: 'left' | 'right'): Point | null {
  const node = graph.nodes.get(id);
  if (node === undefined) return null;
  return [node.pos[0] + (side === 'right' ? node.size[0] : 0), node.pos[1] + TITLE_HEIGHT];
}

/** Behind how many of its reroutes a point lies on a link. */
function placeOn(graph: Graph, link: Link, chain: readonly RerouteId[], at: Point): number {
  const points = [
    endPoint(graph, link.source, 'right') ?? at,
    ...chain.map((id) => graph.reroutes.get(id)?.pos ?? at),
    endPoint(graph, link.target, 'left') ?? at,
  ];
  let best = { place: 0, distance: Number.POSITIVE_INFINITY };
  for (const [place, point] of points.slice(0, -1).entries()) {
    const away = distance(at, point, points[place + 1] ?? point);
    if (away < best.distance) best = { place, distance: away };
  }
  return best.place;
}

export function freeRerouteId(reroutes: ReadonlyMap<RerouteId, Reroute>): RerouteId {
  let last = 0;
  for (const id of reroutes.keys()) last = Math.max(last, id);
  return last + 1;
}

/** A point on a link, between the two of its reroutes that lie around it. */
export function addReroute(graph: Graph, linkId: LinkId, at: Point): Graph {
  const link = graph.links.get(linkId);
  if (link === undefined) return graph;
  const chain = chainOf(graph, link);
  const place = placeOn(graph, link, chain, at);
  const id = freeRerouteId(graph.reroutes);
  const reroutes = new Map(graph.reroutes).set(id, {
    id,
    pos: at,
    parent: chain[place - 1] ?? null,
    extra: {},
  });
  const after = reroutes.get(chain[place] ?? Number.NaN);
  if (after !== undefined) {
    reroutes.set(after.id, { ...after, parent: id });
    return { ...graph, reroutes };
  }
  return { ...graph, reroutes, links: new Map(graph.links).set(linkId, { ...link, reroute: id }) };
}

export function moveReroutes(graph: Graph, positions: ReadonlyMap<RerouteId, Point>): Graph {
  const reroutes = new Map(graph.reroutes);
  let changed = false;
  for (const [id, pos] of positions) {
    const reroute = reroutes.get(id);
    if (reroute === undefined || samePoint(reroute.pos, pos)) continue;
    reroutes.set(id, { ...reroute, pos });
    changed = true;
  }
  return changed ? { ...graph, reroutes } : graph;
}

/** The nearest reroute towards the source that stays. */
function keptParent(
  graph: Graph,
  removed: ReadonlySet<RerouteId>,
  start: RerouteId | null,
  known: Map<RerouteId, RerouteId | null>,
): RerouteId | null {
  const passed = new Set<RerouteId>();
  let id = start;
  while (id !== null && removed.has(id) && !passed.has(id)) {
    const found = known.get(id);
    if (found !== undefined) {
      id = found;
      break;
    }
    passed.add(id);
    id = graph.reroutes.get(id)?.parent ?? null;
  }
  const result = id !== null && removed.has(id) ? null : id;
  for (const one of passed) known.set(one, result);
  return result;
}

/** Links go on without them. */
export function removeReroutes(graph: Graph, ids: Iterable<RerouteId>): Graph {
  const removed = new Set([...ids].filter((id) => graph.reroutes.has(id)));
  if (removed.size === 0) return graph;
  const known = new Map<RerouteId, RerouteId | null>();
  const reroutes = new Map<RerouteId, Reroute>();
  for (const reroute of graph.reroutes.values()) {
    if (removed.has(reroute.id)) continue;
    const parent = keptParent(graph, removed, reroute.parent, known);
    reroutes.set(reroute.id, parent === reroute.parent ? reroute : { ...reroute, parent });
  }
  const links = new Map<LinkId, Link>();
  for (const link of graph.links.values()) {
    const reroute = keptParent(graph, removed, link.reroute, known);
    links.set(link.id, reroute === link.reroute ? link : { ...link, reroute });
  }
  return { ...graph, reroutes, links };
}
