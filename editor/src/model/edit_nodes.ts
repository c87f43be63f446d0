/** Edits of nodes: adding, moving, values, modes and looks. */

import { samePoint } from './bounds';
import type { NodeDefinition } from './definition';
import { freeNodeId, isBoundary, withNodes } from './graph';
import { initialSize, isNote } from './measures';
import { initialValue } from './schema';
import type { Graph, GraphNode, Input, Json, Mode, NodeId, Point, Size } from './types';
import { NORMAL } from './types';

export interface Added {
  readonly graph: Graph;
  readonly id: NodeId;
}

export type NoteKind = 'Note' | 'MarkdownNote';

const NOTE_TEXT = 'text';
const NOTE_SIZE: Size = [240, 150];

/** A node of a type as it is when nothing is known of it. */
export function emptyNode(id: NodeId, type: string, pos: Point): GraphNode {
  return {
    id,
    type,
    title: null,
    pos,
    size: [0, 0],
    mode: NORMAL,
    collapsed: false,
    color: null,
    bgcolor: null,
    inputs: [],
    outputs: [],
    values: new Map(),
    stored: [],
    properties: {},
    extra: {},
  };
}

function socketsOf(definition: NodeDefinition): readonly Input[] {
  const taking = definition.inputs.filter(({ widget }) => widget?.options.socketless !== true);
  return taking.map(({ name, type, widget }) => ({ name, type, widget: widget && name, extra: {} }));
}

/** A new node as its definition says, with the first value of every widget. */
export function newNode(definition: NodeDefinition, pos: Point, id: NodeId): GraphNode {
  const node: GraphNode = {
    ...emptyNode(id, definition.id, pos),
    inputs: socketsOf(definition),
    outputs: definition.outputs.map(({ name, type }) => ({ name, type, extra: {} })),
    values: new Map(definition.widgets.map((widget) => [widget.name, initialValue(widget)])),
    properties: { 'Node name for S&R': definition.id },
  };
  return { ...node, size: initialSize(node, definition) };
}

function withNew(graph: Graph, wish: NodeId | undefined, make: (id: NodeId) => GraphNode): Added {
  const isFree = wish !== undefined && wish !== '' && !isBoundary(wish) && !graph.nodes.has(wish);
  const id = isFree ? wish : String(freeNodeId(graph));
  const number = /^\d{1,15}$/.test(id) ? Number(id) : 0;
  const nodes = new Map(graph.nodes).set(id, make(id));
  return { graph: { ...graph, nodes, lastNodeId: Math.max(graph.lastNodeId, number) }, id };
}

export function addNode(graph: Graph, definition: NodeDefinition, pos: Point, id?: NodeId): Added {
  return withNew(graph, id, (free) => newNode(definition, pos, free));
}

export function addNote(graph: Graph, pos: Point, kind: NoteKind): Added {
  return withNew(graph, undefined, (id) => ({
    ...emptyNode(id, kind, pos),
    size: NOTE_SIZE,
    values: new Map([[NOTE_TEXT, '']]),
    stored: [''],
  }));
}

/** What a note says, wherever it was read from. */
export function noteText(node: GraphNode): string {
  const value = node.values.get(NOTE_TEXT) ?? (Array.isArray(node.stored) ? node.stored[0] : undefined);
  return typeof value === 'string' ? value : '';
}

export function moveNodes(graph: Graph, positions: ReadonlyMap<NodeId, Point>): Graph {
  return withNodes(graph, positions.keys(), (node) => {
    const pos = positions.get(node.id) ?? node.pos;
    return samePoint(pos, node.pos) ? node : { ...node, pos };
  });
}

export function resizeNode(graph: Graph, id: NodeId, size: Size, pos?: Point): Graph {
  return withNodes(graph, [id], (node) => {
    const place = pos ?? node.pos;
    return samePoint(size, node.size) && samePoint(place, node.pos) ? node : { ...node, size, pos: place };
  });
}

function withValues(node: GraphNode, values: ReadonlyMap<string, Json>): GraphNode {
  const changed = [...values].some(([name, value]) => !Object.is(node.values.get(name), value));
  if (!changed) return node;
  const next: GraphNode = { ...node, values: new Map([...node.values, ...values]) };
  return isNote(node.type) ? { ...next, stored: [noteText(next)] } : next;
}

export function setValue(graph: Graph, id: NodeId, name: string, value: Json): Graph {
  return withNodes(graph, [id], (node) => withValues(node, new Map([[name, value]])));
}

/** Several values of several nodes at once. */
export function setValues(graph: Graph, changes: ReadonlyMap<NodeId, ReadonlyMap<string, Json>>): Graph {
  return withNodes(graph, changes.keys(), (node) => withValues(node, changes.get(node.id) ?? new Map()));
}

export function setMode(graph: Graph, ids: Iterable<NodeId>, mode: Mode): Graph {
  return withNodes(graph, ids, (node) =>
    node.mode === mode || isBoundary(node.id) ? node : { ...node, mode },
  );
}

/** What a key that switches a mode makes of nodes: the mode, or normal if all have it already. */
export function toggledMode(graph: Graph, ids: Iterable<NodeId>, mode: Mode): Mode {
  const nodes = [...ids].flatMap((id) => graph.nodes.get(id) ?? []);
  return nodes.length > 0 && nodes.every((node) => node.mode === mode) ? NORMAL : mode;
}

export function toggleMode(graph: Graph, ids: ReadonlySet<NodeId> | readonly NodeId[], mode: Mode): Graph {
  return setMode(graph, ids, toggledMode(graph, ids, mode));
}

export function setCollapsed(graph: Graph, ids: Iterable<NodeId>, collapsed: boolean): Graph {
  return withNodes(graph, ids, (node) => (node.collapsed === collapsed ? node : { ...node, collapsed }));
}

/** Null or nothing but spaces: the name of the type is shown again. */
export function setTitle(graph: Graph, id: NodeId, title: string | null): Graph {
  const next = title === null || title.trim() === '' ? null : title;
  return withNodes(graph, [id], (node) => (node.title === next ? node : { ...node, title: next }));
}

export interface Colours {
  readonly color: string | null;
  readonly bgcolor: string | null;
}

export function setColours(graph: Graph, ids: Iterable<NodeId>, { color, bgcolor }: Colours): Graph {
  return withNodes(graph, ids, (node) =>
    node.color === color && node.bgcolor === bgcolor ? node : { ...node, color, bgcolor },
  );
}
