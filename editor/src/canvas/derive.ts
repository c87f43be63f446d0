/** The nodes and edges the flow library draws, made from a graph; what did not change stays the very same object. */

import { Position } from '@xyflow/react';
import type { Definitions, NodeDefinition } from '../model/definition';
import { isBoundary, linksFrom, linksInto } from '../model/graph';
import { hiddenInputs } from '../model/hidden';
import { definitionOf } from '../model/instances';
import { shownSize, socketPosition } from '../model/measures';
import { chainOf } from '../model/reroute_chains';
import type { Graph, GraphNode, Group, Link, NodeId, Point, Reroute, RerouteId, Size } from '../model/types';
import { BYPASSED, MUTED } from '../model/types';
import type { Selection } from '../state/documents';
import type { FlowEdge, FlowNode, GroupFlow, NodeFlow, RerouteFlow, Wires } from './flow';
import { edgeId, groupFlowId, handleId, rerouteFlowId } from './flow';
import { titleOf } from './titles';

export const REROUTE_SIZE = 14;
/** Of the square around a socket; its middle lies on the edge of the node. */
export const HANDLE_SIZE = 12;
const ABOVE = 1000;
const BELOW = -1000;

/** What is drawn, and what only holds while a gesture lasts. */
export interface Scene {
  readonly graph: Graph;
  readonly definitions: Definitions;
  readonly selection: Selection;
  readonly reroutes: ReadonlySet<RerouteId>;
  /** Positions during a drag and sizes during a resize, by flow id. */
  readonly moved: ReadonlyMap<string, Point>;
  readonly sized: ReadonlyMap<string, Size>;
  /** Nodes that stay mounted although they are out of sight: being edited or at one end of a dragged link. */
  readonly pinned: ReadonlySet<string>;
}

/** Whole pixels, as the browser measures them: else it would find every node to have changed. */
export function drawnSize(node: GraphNode, definition: NodeDefinition | null): Size {
  const [width, height] = shownSize(node, definition);
  return [Math.ceil(width), Math.ceil(height)];
}

function sameSlots(slots: ReadonlySet<number>, wanted: readonly number[]): boolean {
  return slots.size === wanted.length && wanted.every((slot) => slots.has(slot));
}

/** By the links of a graph, so that a drag does not look at them for each move. */
const wired = new WeakMap<Graph['links'], Map<NodeId, Wires>>();

function wiresOf(graph: Graph, id: NodeId, before: Wires | undefined): Wires {
  let known = wired.get(graph.links);
  if (known === undefined) {
    known = new Map();
    wired.set(graph.links, known);
  }
  const found = known.get(id);
  if (found !== undefined && (found === before || before === undefined)) return found;
  const made = madeWires(graph, id, before);
  known.set(id, made);
  return made;
}

function madeWires(graph: Graph, id: NodeId, before: Wires | undefined): Wires {
  const inputs = linksInto(graph, id).map((link) => link.targetSlot);
  const outputs = [...new Set(linksFrom(graph, id).map((link) => link.sourceSlot))];
  if (before !== undefined && sameSlots(before.inputs, inputs) && sameSlots(before.outputs, outputs))
    return before;
  return { inputs: new Set(inputs), outputs: new Set(outputs) };
}

type Handles = NonNullable<NodeFlow['handles']>;

/** Of a hidden input only where a link ends in it all the same, which a file may say. */
function handlesOf(node: GraphNode, definition: NodeDefinition | null, wires: Wires, width: number): Handles {
  const half = HANDLE_SIZE / 2;
  const handle = (side: 'input' | 'output', slot: number): Handles[number] => {
    const [, y] = socketPosition(node, definition, { node: node.id, slot, side });
    return {
      id: handleId(side, slot),
      type: side === 'input' ? 'target' : 'source',
      position: side === 'input' ? Position.Left : Position.Right,
      x: (side === 'input' ? 0 : width) - half,
      y: y - half,
      width: HANDLE_SIZE,
      height: HANDLE_SIZE,
    };
  };
  const hidden = hiddenInputs(node);
  const isSeen = (slot: number): boolean =>
    wires.inputs.has(slot) || !hidden.has(node.inputs[slot]?.name ?? '');
  const inputs = [...node.inputs.keys()].filter(isSeen);
  return [
    ...inputs.map((slot) => handle('input', slot)),
    ...node.outputs.map((_, slot) => handle('output', slot)),
  ];
}

function samePoint(one: { x: number; y: number }, [x, y]: Point): boolean {
  return one.x === x && one.y === y;
}

interface Place {
  readonly at: Point;
  readonly size: Size;
  readonly selected: boolean;
  readonly pinned: boolean;
  readonly zIndex: number;
}

function unchanged(before: FlowNode, place: Place): boolean {
  return (
    samePoint(before.position, place.at) &&
    before.width === place.size[0] &&
    before.height === place.size[1] &&
    before.selected === place.selected &&
    (before.dragging ?? false) === place.pinned &&
    before.zIndex === place.zIndex
  );
}

/** A node that the library takes for dragged is never left out because it is out of sight. */
function placed({ at, size, selected, pinned, zIndex }: Place) {
  const [width, height] = size;
  return {
    position: { x: at[0], y: at[1] },
    width,
    height,
    measured: { width, height },
    selected,
    dragging: pinned,
    zIndex,
  };
}

function nodeFlow(scene: Scene, node: GraphNode, before: FlowNode | undefined): NodeFlow {
  const known = before?.type === 'node' ? before : undefined;
  const definition = definitionOf(scene.graph, node, scene.definitions);
  const subgraph = scene.graph.subgraphs.get(node.type) ?? null;
  const wires = wiresOf(scene.graph, node.id, known?.data.wires);
  const size = scene.sized.get(node.id) ?? drawnSize(node, definition);
  const selected = scene.selection.nodes.has(node.id);
  const place: Place = {
    at: scene.moved.get(node.id) ?? node.pos,
    size,
    selected,
    pinned: scene.pinned.has(node.id),
    zIndex: selected ? ABOVE : 0,
  };
  const sameNode = known !== undefined && known.data.node === node && known.data.definition === definition;
  const sameData = sameNode && known.data.subgraph === subgraph && known.data.wires === wires;
  if (sameData && unchanged(known, place)) return known;
  const sized = scene.sized.has(node.id) ? { ...node, size } : node;
  const sameHandles = sameNode && known.width === size[0] && known.height === size[1];
  return {
    id: node.id,
    type: 'node',
    data: sameData && sized === node ? known.data : { node: sized, definition, subgraph, wires },
    handles:
      sameHandles && known.handles !== undefined
        ? known.handles
        : handlesOf(sized, definition, wires, size[0]),
    // Of a boundary the header within says what it is; its id is no name.
    ...(isBoundary(node.id) ? {} : { ariaLabel: titleOf(node, definition, subgraph) }),
    ...placed(place),
  };
}

function groupFlow(scene: Scene, group: Group, index: number, before: FlowNode | undefined): GroupFlow {
  const id = groupFlowId(group.id);
  const known = before?.type === 'frame' ? before : undefined;
  const place: Place = {
    at: scene.moved.get(id) ?? group.pos,
    size: scene.sized.get(id) ?? group.size,
    selected: scene.selection.groups.has(group.id),
    pinned: false,
    zIndex: BELOW + index,
  };
  if (known !== undefined && known.data.group === group && unchanged(known, place)) return known;
  return {
    id,
    type: 'frame',
    data: known?.data.group === group ? known.data : { group },
    dragHandle: '.group-title',
    // Only what takes the pointer again in it does: else nothing within could be reached.
    style: { pointerEvents: 'none' },
    handles: [],
    ariaLabel: group.title,
    ...placed(place),
  };
}

function rerouteFlow(
  scene: Scene,
  reroute: Reroute,
  type: string,
  before: FlowNode | undefined,
): RerouteFlow {
  const id = rerouteFlowId(reroute.id);
  const known = before?.type === 'reroute' ? before : undefined;
  const [x, y] = scene.moved.get(id) ?? cornerOf(reroute);
  const selected = scene.reroutes.has(reroute.id);
  const place: Place = {
    at: [x, y],
    size: [REROUTE_SIZE, REROUTE_SIZE],
    selected,
    pinned: false,
    zIndex: selected ? ABOVE : 1,
  };
  const sameData = known !== undefined && known.data.reroute === reroute && known.data.type === type;
  if (sameData && unchanged(known, place)) return known;
  return {
    id,
    type: 'reroute',
    data: sameData ? known.data : { reroute, type },
    handles: [],
    ...placed(place),
  };
}

/** A reroute is kept by its middle, and drawn from its corner. */
export function cornerOf(reroute: Reroute): Point {
  return [reroute.pos[0] - REROUTE_SIZE / 2, reroute.pos[1] - REROUTE_SIZE / 2];
}

export function middleOf(corner: Point): Point {
  return [corner[0] + REROUTE_SIZE / 2, corner[1] + REROUTE_SIZE / 2];
}

/** Larger groups lie under smaller ones. */
function stacked(groups: readonly Group[]): readonly Group[] {
  return [...groups].sort((one, other) => other.size[0] * other.size[1] - one.size[0] * one.size[1]);
}

/** The type of the links that pass through each reroute. */
function rerouteTypes(graph: Graph): ReadonlyMap<RerouteId, string> {
  const types = new Map<RerouteId, string>();
  if (graph.reroutes.size === 0) return types;
  for (const link of graph.links.values()) {
    for (const reroute of reroutesOf(graph, link)) types.set(reroute.id, link.type);
  }
  return types;
}

/** The reroutes of a link, from its source on. */
export function reroutesOf(graph: Graph, link: Link): readonly Reroute[] {
  return chainOf(graph, link).flatMap((id) => graph.reroutes.get(id) ?? []);
}

/** The very same list if all its members are the same. */
function kept<Item>(before: Item[], after: Item[]): Item[] {
  return before.length === after.length && before.every((item, index) => item === after[index])
    ? before
    : after;
}

export function deriveNodes(scene: Scene, before: FlowNode[]): FlowNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const types = rerouteTypes(scene.graph);
  const after: FlowNode[] = stacked(scene.graph.groups).map((group, index) =>
    groupFlow(scene, group, index, known.get(groupFlowId(group.id))),
  );
  for (const node of scene.graph.nodes.values()) after.push(nodeFlow(scene, node, known.get(node.id)));
  for (const reroute of scene.graph.reroutes.values()) {
    const type = types.get(reroute.id) ?? '*';
    after.push(rerouteFlow(scene, reroute, type, known.get(rerouteFlowId(reroute.id))));
  }
  return kept(before, after);
}

function isQuiet(node: GraphNode): boolean {
  return node.mode === MUTED || node.mode === BYPASSED;
}

function samePoints(one: readonly Point[], other: readonly Point[]): boolean {
  return (
    one.length === other.length && one.every(([x, y], at) => x === other[at]?.[0] && y === other[at]?.[1])
  );
}

function pointsOf(scene: Scene, link: Link): readonly Point[] {
  if (link.reroute === null) return NO_POINTS;
  return reroutesOf(scene.graph, link).map((reroute) => {
    const moved = scene.moved.get(rerouteFlowId(reroute.id));
    return moved === undefined ? reroute.pos : middleOf(moved);
  });
}

const NO_POINTS: readonly Point[] = [];

function edgeFlow(scene: Scene, link: Link, before: FlowEdge | undefined): FlowEdge | null {
  const source = scene.graph.nodes.get(link.source);
  const target = scene.graph.nodes.get(link.target);
  if (source === undefined || target === undefined) return null;
  if (link.sourceSlot >= source.outputs.length || link.targetSlot >= target.inputs.length) return null;
  const selected = scene.selection.links.has(link.id);
  const quiet = isQuiet(source) || isQuiet(target);
  const points = pointsOf(scene, link);
  const data = before?.data;
  const sameData =
    data !== undefined && data.link === link && data.quiet === quiet && samePoints(data.points, points);
  if (before !== undefined && sameData && before.selected === selected) return before;
  return {
    id: edgeId(link.id),
    type: 'link',
    source: link.source,
    target: link.target,
    sourceHandle: handleId('output', link.sourceSlot),
    targetHandle: handleId('input', link.targetSlot),
    ariaLabel: `${nameIn(scene, source)} → ${nameIn(scene, target)}`,
    data: sameData ? data : { link, points, quiet },
    selected,
    zIndex: selected ? 1 : 0,
  };
}

function nameIn({ graph, definitions }: Scene, node: GraphNode): string {
  return titleOf(node, definitionOf(graph, node, definitions), graph.subgraphs.get(node.type) ?? null);
}

export function deriveEdges(scene: Scene, before: FlowEdge[]): FlowEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const after: FlowEdge[] = [];
  for (const link of scene.graph.links.values()) {
    const edge = edgeFlow(scene, link, known.get(edgeId(link.id)));
    if (edge !== null) after.push(edge);
  }
  return kept(before, after);
}
