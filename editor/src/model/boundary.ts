/** The inputs and outputs of a subgraph as two nodes among those inside it, so that they are shown and edited as such. */

import { member, objectIn, pairOf } from './access';
import { minimalSize } from './measures';
import type {
  Body,
  Boundary,
  GraphNode,
  Input,
  Json,
  JsonObject,
  NodeId,
  Output,
  Point,
  Subgraph,
} from './types';
import { SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from './types';

const DISTANCE = 80;

type Side = 'inputNode' | 'outputNode';

/** Whether a node stands for the inputs or the outputs of the subgraph it is seen in; such a one is never removed or copied. */
export function isBoundary(id: NodeId): boolean {
  return id === SUBGRAPH_INPUTS || id === SUBGRAPH_OUTPUTS;
}

/** Whether a socket is the free one at the end, which makes a further input or output. */
export function isFree(socket: Output): boolean {
  return socket.extra.free === true;
}

const FREE: Output = { name: '', type: '*', extra: { free: true } };

function socketOf(boundary: Boundary): Output {
  const { id, name, type, label } = boundary;
  return { name, type, extra: label === null ? { boundary: id } : { boundary: id, label } };
}

function storedPosition(extra: JsonObject, side: Side): Point | null {
  return pairOf(member(extra[side], 'bounding'));
}

function positionBeside(body: Body, side: Side, width: number): Point {
  let [left, top, right] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { pos, size } of body.nodes.values()) {
    left = Math.min(left, pos[0]);
    top = Math.min(top, pos[1]);
    right = Math.max(right, pos[0] + size[0]);
  }
  if (left > right) return side === 'inputNode' ? [0, 0] : [width + DISTANCE, 0];
  return side === 'inputNode' ? [left - DISTANCE - width, top] : [right + DISTANCE, top];
}

interface Made {
  readonly place: Json | undefined;
  readonly node: GraphNode;
}

const made: Readonly<Record<Side, WeakMap<readonly Boundary[], Made>>> = {
  inputNode: new WeakMap(),
  outputNode: new WeakMap(),
};

function madeNode(subgraph: Subgraph, side: Side): GraphNode {
  const id = side === 'inputNode' ? SUBGRAPH_INPUTS : SUBGRAPH_OUTPUTS;
  const boundaries = side === 'inputNode' ? subgraph.inputs : subgraph.outputs;
  const sockets = [...boundaries.map(socketOf), FREE];
  const node: GraphNode = {
    id,
    type: id,
    title: null,
    pos: [0, 0],
    size: [0, 0],
    mode: 0,
    collapsed: false,
    color: null,
    bgcolor: null,
    inputs: side === 'inputNode' ? [] : sockets.map((socket): Input => ({ ...socket, widget: null })),
    outputs: side === 'inputNode' ? sockets : [],
    values: new Map(),
    stored: null,
    properties: {},
    extra: {},
  };
  const size = minimalSize(node, null);
  const pos = storedPosition(subgraph.extra, side) ?? positionBeside(subgraph.body, side, size[0]);
  return { ...node, pos, size };
}

/** The same object as long as nothing about it changed. */
function boundaryNode(subgraph: Subgraph, side: Side): GraphNode {
  const boundaries = side === 'inputNode' ? subgraph.inputs : subgraph.outputs;
  const place = subgraph.extra[side];
  const known = made[side].get(boundaries);
  if (known !== undefined && known.place === place && place !== undefined) return known.node;
  const node = madeNode(subgraph, side);
  made[side].set(boundaries, { place, node });
  return node;
}

export function boundaryNodes(subgraph: Subgraph): readonly [inputs: GraphNode, outputs: GraphNode] {
  return [boundaryNode(subgraph, 'inputNode'), boundaryNode(subgraph, 'outputNode')];
}

function labelIn(socket: Output): string | null {
  const { label } = socket.extra;
  return typeof label === 'string' ? label : null;
}

function boundariesOf(before: readonly Boundary[], sockets: readonly Output[]): readonly Boundary[] {
  const named = sockets.filter((socket) => !isFree(socket));
  const isSame = (socket: Output, { name, label }: Boundary) =>
    name === socket.name && label === labelIn(socket);
  const same =
    named.length === before.length &&
    before.every((boundary, at) => {
      const socket = named[at];
      return socket?.extra.boundary === boundary.id && isSame(socket, boundary);
    });
  if (same) return before;
  const known = new Map(before.map((boundary) => [boundary.id, boundary]));
  return named.map((socket) => {
    const { name, type, extra } = socket;
    const id = extra.boundary;
    const old = typeof id === 'string' ? known.get(id) : undefined;
    if (old !== undefined && isSame(socket, old)) return old;
    return {
      id: old?.id ?? crypto.randomUUID(),
      name,
      type,
      label: labelIn(socket),
      extra: old?.extra ?? {},
    };
  });
}

function placed(extra: JsonObject, side: Side, node: GraphNode): JsonObject {
  const stored = storedPosition(extra, side);
  if (stored !== null && stored[0] === node.pos[0] && stored[1] === node.pos[1]) return extra;
  const id = Number(node.id);
  return { ...extra, [side]: { ...objectIn(extra, side), id, bounding: [...node.pos, ...node.size] } };
}

/** The subgraph with another body, and with inputs and outputs as the two nodes now say. */
export function withBoundaryNodes(
  subgraph: Subgraph,
  body: Body,
  nodes: ReadonlyMap<NodeId, GraphNode>,
): Subgraph {
  const [inputs, outputs] = [nodes.get(SUBGRAPH_INPUTS), nodes.get(SUBGRAPH_OUTPUTS)];
  let { extra } = subgraph;
  if (inputs !== undefined) extra = placed(extra, 'inputNode', inputs);
  if (outputs !== undefined) extra = placed(extra, 'outputNode', outputs);
  return {
    ...subgraph,
    body,
    extra,
    inputs: inputs === undefined ? subgraph.inputs : boundariesOf(subgraph.inputs, inputs.outputs),
    outputs: outputs === undefined ? subgraph.outputs : boundariesOf(subgraph.outputs, outputs.inputs),
  };
}

/** A boundary node whose free socket was taken by a link of some type, and a new free one after it. */
export function grown(node: GraphNode, name: string, type: string): GraphNode {
  const sockets = node.id === SUBGRAPH_INPUTS ? node.outputs : node.inputs;
  const taken = { name: uniqueName(name, new Set(sockets.map((socket) => socket.name))), type, extra: {} };
  const all = [...sockets.filter((socket) => !isFree(socket)), taken, FREE];
  return withSockets(node, all);
}

/** A boundary node with other sockets, as large as these need. */
export function withSockets(node: GraphNode, sockets: readonly Output[]): GraphNode {
  const changed: GraphNode =
    node.id === SUBGRAPH_INPUTS
      ? { ...node, outputs: sockets }
      : { ...node, inputs: sockets.map((socket): Input => ({ ...socket, widget: null })) };
  return { ...changed, size: minimalSize(changed, null) };
}

export function uniqueName(name: string, used: ReadonlySet<string>): string {
  let result = name;
  for (let number = 1; used.has(result); number += 1) result = `${name}_${number}`;
  return result;
}
