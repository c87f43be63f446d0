/** The words in which the canvas talks to the flow library: ids of what is drawn, and the types of its nodes and edges. */

import type { Edge, Node } from '@xyflow/react';
import type { NodeDefinition } from '../model/definition';
import type {
  GraphNode,
  Group,
  GroupId,
  Link,
  LinkId,
  NodeId,
  Point,
  Reroute,
  RerouteId,
  Socket,
  Subgraph,
} from '../model/types';

/** Which sockets of a node have links, so that a change of links changes the data of the nodes at their ends only. */
export interface Wires {
  readonly inputs: ReadonlySet<number>;
  readonly outputs: ReadonlySet<number>;
}

export interface NodeData {
  readonly [key: string]: unknown;
  readonly node: GraphNode;
  readonly definition: NodeDefinition | null;
  /** What the node stands for, where it is an instance of a subgraph. */
  readonly subgraph: Subgraph | null;
  readonly wires: Wires;
}

export interface GroupData {
  readonly [key: string]: unknown;
  readonly group: Group;
}

export interface RerouteData {
  readonly [key: string]: unknown;
  readonly reroute: Reroute;
  readonly type: string;
}

export type NodeFlow = Node<NodeData, 'node'>;
export type GroupFlow = Node<GroupData, 'frame'>;
export type RerouteFlow = Node<RerouteData, 'reroute'>;
export type FlowNode = NodeFlow | GroupFlow | RerouteFlow;

export interface LinkData {
  readonly [key: string]: unknown;
  readonly link: Link;
  /** Where it passes through reroutes, from the source on. */
  readonly points: readonly Point[];
  /** Whether one of its ends is muted or bypassed. */
  readonly quiet: boolean;
}

export type FlowEdge = Edge<LinkData, 'link'>;

/** What a flow id stands for; reroutes and groups have numbers that nodes may have too. */
export type Drawn =
  | { readonly kind: 'node'; readonly id: NodeId }
  | { readonly kind: 'group'; readonly id: GroupId }
  | { readonly kind: 'reroute'; readonly id: RerouteId };

export function groupFlowId(id: GroupId): string {
  return `group:${id}`;
}

export function rerouteFlowId(id: RerouteId): string {
  return `reroute:${id}`;
}

export function drawnBy(flowId: string): Drawn {
  if (flowId.startsWith('group:')) return { kind: 'group', id: Number(flowId.slice(6)) };
  if (flowId.startsWith('reroute:')) return { kind: 'reroute', id: Number(flowId.slice(8)) };
  return { kind: 'node', id: flowId };
}

export function edgeId(link: LinkId): string {
  return String(link);
}

export function handleId(side: Socket['side'], slot: number): string {
  return `${side === 'input' ? 'i' : 'o'}${slot}`;
}

/** The socket behind a handle of the flow library, null for one that is none of ours. */
export function socketOf(node: NodeId | null, handle: string | null | undefined): Socket | null {
  const found = /^([io])(\d+)$/.exec(handle ?? '');
  if (node === null || found === null) return null;
  return { node, slot: Number(found[2]), side: found[1] === 'i' ? 'input' : 'output' };
}
