/** Drags of links: what they may be connected to, and what happens where they are let go. */

import type { Connection, FinalConnectionState, OnConnectStartParams } from '@xyflow/react';
import { bestSocket } from '../model/connect';
import { connect, disconnectAll, moveLinkEnd } from '../model/edit_links';
import { linkInto } from '../model/graph';
import type { Graph, LinkId, NodeId, Point, Socket } from '../model/types';
import { useNodePalette } from '../panels/nodePaletteStore';
import { useDocuments } from '../state/documents';
import { canvas } from './controls';
import { type FlowEdge, socketOf } from './flow';
import { type Dragged, mayConnect, useLinkDrag } from './linkDrag';
import { currentGraph } from './useGestures';

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

export function pointOf(event: MouseEvent | TouchEvent): Point {
  if ('clientX' in event) return [event.clientX, event.clientY];
  const touch = event.changedTouches[0];
  return touch === undefined ? [0, 0] : [touch.clientX, touch.clientY];
}

function endsIn({ source, sourceHandle, target, targetHandle }: Connection | FlowEdge) {
  const from = socketOf(source, sourceHandle);
  const to = socketOf(target, targetHandle);
  return from === null || to === null ? null : { from, to };
}

function isValid(connection: Connection | FlowEdge): boolean {
  const ends = endsIn(connection);
  return ends !== null && mayConnect(currentGraph(), ends.from, ends.to);
}

/** What lies under the pointer: the id of a node, or null for the empty canvas; undefined for anything else. */
function nodeAt([x, y]: Point): NodeId | null | undefined {
  const element = document.elementFromPoint(x, y);
  if (element?.classList.contains('react-flow__handle') === true) return undefined;
  const node = element?.closest('.react-flow__node-node')?.getAttribute('data-id');
  if (node != null) return node;
  return element?.closest('.react-flow') == null ? undefined : null;
}

/** The socket of a node that suits the dragged link best, free ones before others. */
function socketOn(graph: Graph, id: NodeId, from: Dragged): Socket | null {
  const node = graph.nodes.get(id);
  if (node === undefined || id === from.node) return null;
  const side = from.side === 'output' ? 'input' : 'output';
  const isTaken = (slot: number): boolean => side === 'input' && linkInto(graph, id, slot) !== null;
  const slot = bestSocket(node, from.type, side, isTaken);
  const socket: Socket | null = slot === null ? null : { node: id, slot, side };
  return socket !== null && mayConnect(graph, from, socket) ? socket : null;
}

/** `to` is where the drag ended, whichever side that is. */
function wire(from: Socket, to: Socket, moving: readonly LinkId[]): void {
  if (moving.length === 0) edit('step.connected', (graph) => connect(graph, from, to));
  else edit('step.linkMoved', (graph) => moving.reduce((now, link) => moveLinkEnd(now, link, to), graph));
}

/** Let go anywhere but on a socket: on a node, or on nothing. */
function letGo(from: Dragged, moving: readonly LinkId[], event: MouseEvent | TouchEvent): void {
  const screen = pointOf(event);
  const node = nodeAt(screen);
  if (node === undefined) return;
  if (node !== null) {
    const socket = socketOn(currentGraph(), node, from);
    if (socket !== null) wire(from, socket, moving);
  } else if (moving.length > 0) {
    edit('step.disconnected', (graph) => disconnectAll(graph, moving));
  } else if (!event.shiftKey) {
    useNodePalette.getState().open({ screen, at: canvas().toGraph(screen), from });
  }
}

function onConnectStart(_event: MouseEvent | TouchEvent, params: OnConnectStartParams): void {
  const socket = socketOf(params.nodeId, params.handleId);
  if (socket !== null) useLinkDrag.getState().start(currentGraph(), socket);
}

function onConnect(connection: Connection): void {
  const ends = endsIn(connection);
  if (ends === null) return;
  const { from, moving } = useLinkDrag.getState();
  const [stays, goes] = from?.side === 'input' ? [ends.to, ends.from] : [ends.from, ends.to];
  wire(stays, goes, moving);
}

function onConnectEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const { from, moving, stop } = useLinkDrag.getState();
  stop();
  if (from !== null && state.isValid !== true) letGo(from, moving, event);
}

/** A click on a socket starts a link as well; a second one on another socket ends it. */
function onClickConnectEnd(): void {
  useLinkDrag.getState().stop();
}

/** What the flow library is to call. */
export const LINKING = {
  isValidConnection: isValid,
  onConnectStart,
  onConnect,
  onConnectEnd,
  onClickConnectStart: onConnectStart,
  onClickConnectEnd,
};
