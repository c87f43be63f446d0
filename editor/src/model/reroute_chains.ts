/** The reroutes that links pass through. */

import type { Body, Link, LinkId, Reroute, RerouteId } from './types';

/** The reroutes of a link from its source to its target. */
export function chainOf(body: Body, link: Link): readonly RerouteId[] {
  const chain: RerouteId[] = [];
  const seen = new Set<RerouteId>();
  let id = link.reroute;
  while (id !== null && !seen.has(id)) {
    const reroute: Reroute | undefined = body.reroutes.get(id);
    if (reroute === undefined) break;
    seen.add(id);
    chain.push(id);
    id = reroute.parent;
  }
  return chain.reverse();
}

/** All reroutes that some links pass through. */
export function reroutesOf(
  reroutes: ReadonlyMap<RerouteId, Reroute>,
  links: Iterable<Link>,
): ReadonlySet<RerouteId> {
  const used = new Set<RerouteId>();
  for (const link of links) {
    let reroute = link.reroute === null ? undefined : reroutes.get(link.reroute);
    while (reroute !== undefined && !used.has(reroute.id)) {
      used.add(reroute.id);
      reroute = reroute.parent === null ? undefined : reroutes.get(reroute.parent);
    }
  }
  return used;
}

/** What is left of the reroutes with other links: without those that no link uses any more. */
export function keptReroutes(body: Body, links: ReadonlyMap<LinkId, Link>): ReadonlyMap<RerouteId, Reroute> {
  if (body.reroutes.size === 0) return body.reroutes;
  const before = reroutesOf(body.reroutes, body.links.values());
  const after = reroutesOf(body.reroutes, links.values());
  const isKept = (id: RerouteId) => after.has(id) || !before.has(id);
  if ([...before].every((id) => after.has(id))) return body.reroutes;
  const kept = new Map<RerouteId, Reroute>();
  for (const reroute of body.reroutes.values()) {
    if (!isKept(reroute.id)) continue;
    const isOrphan = reroute.parent !== null && !isKept(reroute.parent);
    kept.set(reroute.id, isOrphan ? { ...reroute, parent: null } : reroute);
  }
  return kept;
}
