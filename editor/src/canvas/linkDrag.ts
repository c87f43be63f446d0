/** The link that is being dragged: which end stays, where it may go, and what becomes of it when it is let go. */

import { create } from 'zustand';
import { reached, typesFit, whyNot } from '../model/connect';
import { linkInto, linksFrom, socketAt } from '../model/graph';
import type { Graph, Link, LinkId, NodeId, Socket } from '../model/types';

export interface Dragged extends Socket {
  readonly type: string;
}

interface LinkDragState {
  /** The end that stays, null while nothing is dragged. */
  readonly from: Dragged | null;
  /** Nodes that would close a cycle, and the one that the link comes from. */
  readonly blocked: ReadonlySet<NodeId>;
  /** The links whose end was taken up; they are not drawn until it is let go. */
  readonly moving: readonly LinkId[];
  start(graph: Graph, from: Socket): void;
  /** Says which links the drag that follows takes along. */
  take(links: readonly LinkId[]): void;
  stop(): void;
}

const NONE: ReadonlySet<NodeId> = new Set();
const NO_LINKS: readonly LinkId[] = [];

export const useLinkDrag = create<LinkDragState>((set) => ({
  from: null,
  blocked: NONE,
  moving: NO_LINKS,
  start: (graph, from) => {
    const type = socketAt(graph, from)?.type ?? '*';
    const way = from.side === 'output' ? 'up' : 'down';
    set({ from: { ...from, type }, blocked: new Set([from.node, ...reached(graph, [from.node], way)]) });
  },
  take: (moving) => set({ moving }),
  stop: () => set({ from: null, blocked: NONE, moving: NO_LINKS }),
}));

/** How a socket looks while a link is dragged. */
export type Fit = 'idle' | 'fits' | 'dim';

export function fitOf(state: LinkDragState, socket: Socket, type: string): Fit {
  const { from, blocked } = state;
  if (from === null) return 'idle';
  if (from.node === socket.node && from.side === socket.side && from.slot === socket.slot) return 'fits';
  if (from.side === socket.side || blocked.has(socket.node)) return 'dim';
  const fits = from.side === 'output' ? typesFit(from.type, type) : typesFit(type, from.type);
  return fits ? 'fits' : 'dim';
}

/** The links that go along when one takes up the end at this socket: the one at an input, all of an output. */
export function linksAt(graph: Graph, { node, slot, side }: Socket): readonly Link[] {
  if (side === 'output') return linksFrom(graph, node, slot);
  const link = linkInto(graph, node, slot);
  return link === null ? [] : [link];
}

export function mayConnect(graph: Graph, from: Socket, to: Socket): boolean {
  return whyNot(graph, from, to) === null;
}
