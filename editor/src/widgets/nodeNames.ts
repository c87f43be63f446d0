/** What nodes and sockets of the open level are called in lists, so that each name stands for one of them. */

import type { TFunction } from 'i18next';
import { isFree } from '../model/boundary';
import type { Definitions } from '../model/definition';
import { socketAt } from '../model/graph';
import { definitionOf } from '../model/instances';
import type { Graph, GraphNode, NodeId, Socket } from '../model/types';
import { SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from '../model/types';

export type Translate = TFunction;

/** A graph with what is needed to name what is in it. */
export interface Named {
  readonly graph: Graph;
  readonly definitions: Definitions;
  readonly t: Translate;
}

export function nodeTitle({ graph, definitions, t }: Named, node: GraphNode): string {
  if (node.id === SUBGRAPH_INPUTS) return t('widgets.subgraphInputs');
  if (node.id === SUBGRAPH_OUTPUTS) return t('widgets.subgraphOutputs');
  const known = graph.subgraphs.get(node.type)?.name ?? definitionOf(graph, node, definitions)?.displayName;
  return node.title ?? (known || node.type);
}

/** With its id, as titles are often the same. */
export function nodeName(named: Named, id: NodeId): string {
  const node = named.graph.nodes.get(id);
  if (node === undefined) return `#${id}`;
  return id.startsWith('-') ? nodeTitle(named, node) : `${nodeTitle(named, node)} #${id}`;
}

export function socketName({ graph, definitions, t }: Named, socket: Socket): string {
  const found = socketAt(graph, socket);
  if (found === null) return `${socket.slot}`;
  if (isFree(found)) return t('widgets.newSocket');
  const label = found.extra.label ?? found.extra.localized_name;
  if (typeof label === 'string' && label !== '') return label;
  const node = graph.nodes.get(socket.node);
  const definition = node === undefined ? null : definitionOf(graph, node, definitions);
  const known =
    socket.side === 'input'
      ? definition?.inputs.find((input) => input.name === found.name)
      : definition?.outputs[socket.slot];
  return (known?.name === found.name && known.label) || found.name;
}

export function fullSocketName(named: Named, socket: Socket): string {
  return `${nodeName(named, socket.node)} · ${socketName(named, socket)}`;
}
