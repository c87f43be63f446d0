/** What may be connected to what. */

import type { Definitions, NodeDefinition } from './definition';
import { isBoundary, linksFrom, linksInto, socketAt } from './graph';
import type { Graph, GraphNode, Input, Link, LinkId, NodeId, Output, Socket } from './types';

export type Reason = 'direction' | 'same' | 'types' | 'cycle';
export type Side = Socket['side'];

interface Ends {
  readonly source: Socket;
  readonly target: Socket;
}

function namesOf(type: string): readonly string[] {
  return type.split(',').map((name) => name.trim().toLowerCase());
}

function isAny(name: string): boolean {
  return name === '*' || name === '';
}

/** Whether an output of one type may go into an input of another; `*` fits all, `A,B` is either. */
export function typesFit(output: string, input: string): boolean {
  if (output === input) return true;
  const inputs = namesOf(input);
  return namesOf(output).some(
    (name) => isAny(name) || inputs.some((other) => isAny(other) || other === name),
  );
}

/** The two ends in the order of the flow, null if both are inputs or both outputs. */
export function endsOf(one: Socket, other: Socket): Ends | null {
  if (one.side === other.side) return null;
  return one.side === 'output' ? { source: one, target: other } : { source: other, target: one };
}

/** All nodes that lie before (or after) some nodes, these included. */
export function reached(graph: Graph, from: Iterable<NodeId>, way: 'up' | 'down'): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  const open = [...from].filter((id) => graph.nodes.has(id));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    if (way === 'up') for (const link of linksInto(graph, id)) open.push(link.source);
    else for (const link of linksFrom(graph, id)) open.push(link.target);
  }
  return found;
}

interface Reach {
  readonly node: NodeId;
  readonly way: 'up' | 'down';
  readonly nodes: ReadonlySet<NodeId>;
}

/** While a link is dragged one of its ends stays, so what can be reached from there is kept. */
const lastReach = new WeakMap<ReadonlyMap<LinkId, Link>, Reach>();

function reach(graph: Graph, node: NodeId, way: 'up' | 'down'): ReadonlySet<NodeId> {
  const last = lastReach.get(graph.links);
  if (last !== undefined && last.node === node && last.way === way) return last.nodes;
  const nodes = reached(graph, [node], way);
  lastReach.set(graph.links, { node, way, nodes });
  return nodes;
}

/** Why two sockets cannot be connected, null if they can; `from` is the end that stays when many are asked about. */
export function whyNot(graph: Graph, from: Socket, to: Socket): Reason | null {
  const ends = endsOf(from, to);
  if (ends === null) return 'direction';
  if (from.node === to.node || (isBoundary(from.node) && isBoundary(to.node))) return 'same';
  const output = socketAt(graph, ends.source);
  const input = socketAt(graph, ends.target);
  if (output === null || input === null || !typesFit(output.type, input.type)) return 'types';
  return reach(graph, from.node, from.side === 'output' ? 'up' : 'down').has(to.node) ? 'cycle' : null;
}

/** How well a socket suits a type: 0 not at all, higher is better. */
function suits(socketType: string, type: string, side: Side): number {
  const fits = side === 'input' ? typesFit(type, socketType) : typesFit(socketType, type);
  if (!fits) return 0;
  if (socketType === type) return 3;
  return namesOf(socketType).some(isAny) ? 1 : 2;
}

/** The socket of a node that suits a type best: free before taken, then the same type, then plain ones. */
export function bestSocket(
  node: GraphNode,
  type: string,
  side: Side,
  isTaken: (slot: number) => boolean = () => false,
): number | null {
  let best: { readonly slot: number; readonly score: number } | null = null;
  const sockets: readonly (Input | Output)[] = side === 'input' ? node.inputs : node.outputs;
  for (const [slot, socket] of sockets.entries()) {
    const fit = suits(socket.type, type, side);
    const plain = 'widget' in socket && socket.widget !== null ? 0 : 1;
    const score = fit === 0 ? 0 : (isTaken(slot) ? 0 : 100) + fit * 10 + plain;
    if (score > (best?.score ?? 0)) best = { slot, score };
  }
  return best?.slot ?? null;
}

/** The nodes that have a socket on the given side for a type, those with the very type first. */
export function candidates(definitions: Definitions, type: string, side: Side): readonly NodeDefinition[] {
  const ranked: { readonly definition: NodeDefinition; readonly score: number }[] = [];
  for (const definition of definitions.values()) {
    const sockets = side === 'input' ? definition.inputs : definition.outputs;
    const score = sockets.reduce((best, socket) => Math.max(best, suits(socket.type, type, side)), 0);
    if (score > 0) ranked.push({ definition, score });
  }
  return ranked.sort((one, other) => other.score - one.score).map(({ definition }) => definition);
}
