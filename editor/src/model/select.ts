/** Choosing nodes: what lies before or after others, within a rectangle or a group, or matches a text. */

import type { Box } from './bounds';
import { centreOf, contains, overlaps } from './bounds';
import { reached } from './connect';
import type { Definitions } from './definition';
import { isBoundary } from './graph';
import type { Graph, GraphNode, Group, Json, NodeId } from './types';

/** The nodes that the given ones depend on, these included. */
export function upstream(graph: Graph, ids: Iterable<NodeId>): ReadonlySet<NodeId> {
  return reached(graph, ids, 'up');
}

/** The nodes that depend on the given ones, these included. */
export function downstream(graph: Graph, ids: Iterable<NodeId>): ReadonlySet<NodeId> {
  return reached(graph, ids, 'down');
}

export function inRectangle(graph: Graph, box: Box): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (const node of graph.nodes.values()) if (overlaps(node, box)) found.add(node.id);
  return found;
}

/** The nodes whose middle lies within a group. */
export function membersOf(graph: Graph, group: Group): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (const node of graph.nodes.values()) {
    if (!isBoundary(node.id) && contains(group, centreOf(node))) found.add(node.id);
  }
  return found;
}

function valueTexts(value: Json): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return String(value);
  return '';
}

interface Texts {
  readonly names: string;
  readonly all: string;
}

function textsOf(graph: Graph, definitions: Definitions, node: GraphNode): Texts {
  const named = definitions.get(node.type)?.displayName ?? graph.subgraphs.get(node.type)?.name ?? '';
  const names = [node.title ?? '', named, node.type, `#${node.id}`].join('\n').toLowerCase();
  const values = [...node.values.values()].map(valueTexts).join('\n').toLowerCase();
  return { names, all: `${names}\n${values}` };
}

/** The nodes in whose title, type, number or values every word occurs; those that are called so come first. */
export function find(graph: Graph, definitions: Definitions, text: string): readonly NodeId[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const [named, valued]: [NodeId[], NodeId[]] = [[], []];
  for (const node of graph.nodes.values()) {
    if (isBoundary(node.id)) continue;
    const { names, all } = textsOf(graph, definitions, node);
    if (words.every((word) => names.includes(word))) named.push(node.id);
    else if (words.every((word) => all.includes(word))) valued.push(node.id);
  }
  return [...named, ...valued];
}
