/** What clicks and boxes of the flow library select, in the words of documents. */

import type { EdgeChange, NodeChange } from '@xyflow/react';
import type { Definitions } from '../model/definition';
import { definitionOf } from '../model/instances';
import type { Graph, RerouteId } from '../model/types';
import type { Selection } from '../state/documents';
import { cornerOf, drawnSize, REROUTE_SIZE } from './derive';
import { drawnBy, type FlowEdge, type FlowNode } from './flow';
import { contains, type Rectangle, touches } from './view';

export interface Chosen {
  readonly selection: Selection;
  readonly reroutes: ReadonlySet<RerouteId>;
}

/** The same set with one member more or less; the very same where that is so already. */
function toggled<Id>(set: ReadonlySet<Id>, id: Id, isIn: boolean): ReadonlySet<Id> {
  if (set.has(id) === isIn) return set;
  const next = new Set(set);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}

function withNode({ selection, reroutes }: Chosen, flowId: string, isIn: boolean): Chosen {
  const drawn = drawnBy(flowId);
  switch (drawn.kind) {
    case 'node':
      return { reroutes, selection: { ...selection, nodes: toggled(selection.nodes, drawn.id, isIn) } };
    case 'group':
      return { reroutes, selection: { ...selection, groups: toggled(selection.groups, drawn.id, isIn) } };
    case 'reroute':
      return { selection, reroutes: toggled(reroutes, drawn.id, isIn) };
  }
}

export function afterNodeChanges(chosen: Chosen, changes: readonly NodeChange<FlowNode>[]): Chosen {
  return changes.reduce(
    (now, change) => (change.type === 'select' ? withNode(now, change.id, change.selected) : now),
    chosen,
  );
}

export function afterEdgeChanges(chosen: Chosen, changes: readonly EdgeChange<FlowEdge>[]): Chosen {
  const links = changes.reduce(
    (now, change) => (change.type === 'select' ? toggled(now, Number(change.id), change.selected) : now),
    chosen.selection.links,
  );
  return { ...chosen, selection: { ...chosen.selection, links } };
}

/** Everything that a box touches; groups only where they lie in it whole, as boxes are often drawn inside of them. */
export function inBox(graph: Graph, definitions: Definitions, box: Rectangle): Chosen {
  const nodes = [...graph.nodes.values()].filter((node) => {
    const [width, height] = drawnSize(node, definitionOf(graph, node, definitions));
    return touches(box, { x: node.pos[0], y: node.pos[1], width, height });
  });
  const groups = graph.groups.filter(({ pos, size }) =>
    contains(box, { x: pos[0], y: pos[1], width: size[0], height: size[1] }),
  );
  const reroutes = [...graph.reroutes.values()].filter((reroute) => {
    const [x, y] = cornerOf(reroute);
    return touches(box, { x, y, width: REROUTE_SIZE, height: REROUTE_SIZE });
  });
  return {
    selection: {
      nodes: new Set(nodes.map((node) => node.id)),
      groups: new Set(groups.map((group) => group.id)),
      links: new Set(),
    },
    reroutes: new Set(reroutes.map((reroute) => reroute.id)),
  };
}

function union<Id>(one: ReadonlySet<Id>, other: ReadonlySet<Id>): ReadonlySet<Id> {
  return new Set([...one, ...other]);
}

/** Both together, for a box that adds to what is selected. */
export function united(one: Chosen, other: Chosen): Chosen {
  return {
    selection: {
      nodes: union(one.selection.nodes, other.selection.nodes),
      groups: union(one.selection.groups, other.selection.groups),
      links: union(one.selection.links, other.selection.links),
    },
    reroutes: union(one.reroutes, other.reroutes),
  };
}
