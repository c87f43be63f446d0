/** Group nodes of older files (`extra.groupNodes`) seen as subgraphs, so that they run and are shown like those. */

import { completed } from './complete';
import type { NodeDefinition } from './definition';
import { isObject, listOf, objectOf, wholeNumber } from './json';
import { readNode } from './serialize_nodes';
import {
  type Boundary,
  type Graph,
  type GraphNode,
  type JsonObject,
  type Link,
  type NodeId,
  SUBGRAPH_INPUTS,
  SUBGRAPH_OUTPUTS,
  type Subgraph,
} from './types';

const TYPE = /^workflow[>/](.+)$/s;

export type Lookup = (node: GraphNode) => NodeDefinition | null;

/** The description of a group node in its file, null for nodes of other types. */
function descriptionOf(graph: Graph, type: string): JsonObject | null {
  const name = TYPE.exec(type)?.[1];
  if (name === undefined) return null;
  const groups = objectOf(objectOf(graph.extra.extra).groupNodes);
  const description = Object.hasOwn(groups, name) ? groups[name] : undefined;
  return isObject(description) ? description : null;
}

/** Inner nodes bear their position as id. */
function innerNodes(description: JsonObject, lookup: Lookup): readonly GraphNode[] {
  return listOf(description.nodes).map((raw, index) => {
    const node = { ...readNode(objectOf(raw)), id: String(index) };
    return completed(node, lookup(node), 0);
  });
}

function innerLinks(description: JsonObject, nodes: readonly GraphNode[]): Link[] {
  return listOf(description.links).flatMap((raw, at) => {
    const [source, sourceSlot, target, targetSlot] = listOf(raw).map((part) => wholeNumber(part) ?? -1);
    const type = nodes[source ?? -1]?.outputs[sourceSlot ?? -1]?.type;
    if (type === undefined || nodes[target ?? -1]?.inputs[targetSlot ?? -1] === undefined) return [];
    return [
      {
        id: at + 1,
        source: String(source),
        sourceSlot: sourceSlot ?? 0,
        target: String(target),
        targetSlot: targetSlot ?? 0,
        type,
        reroute: null,
        extra: {},
      },
    ];
  });
}

interface Socket {
  readonly node: NodeId;
  readonly slot: number;
  readonly name: string;
  readonly type: string;
}

/** What the file calls a socket of an inner node, null if it hides it. */
function toldName(
  description: JsonObject,
  side: 'input' | 'output',
  index: number,
  key: string,
): string | null {
  const told = objectOf(objectOf(objectOf(description.config)[String(index)])[side]);
  const socket = objectOf(told[key]);
  if (socket.visible === false) return null;
  return typeof socket.name === 'string' ? socket.name : '';
}

/** The first one of a name keeps it, later ones get the name of their node before it. */
function uniqueName(name: string, node: GraphNode, used: Set<string>): string {
  let unique = used.has(name) ? `${node.title ?? node.type} ${name}` : name;
  for (let number = 1; used.has(unique); number += 1) unique = `${node.title ?? node.type} ${number} ${name}`;
  used.add(unique);
  return unique;
}

function freeInputs(
  description: JsonObject,
  nodes: readonly GraphNode[],
  links: readonly Link[],
): readonly Socket[] {
  const taken = new Set(links.map((link) => `${link.target}:${link.targetSlot}`));
  const used = new Set<string>();
  return nodes.flatMap((node, index) =>
    node.inputs.flatMap((input, slot): Socket[] => {
      const told = toldName(description, 'input', index, input.name);
      if (taken.has(`${index}:${slot}`) || told === null) return [];
      const name = uniqueName(told || input.name, node, used);
      return [{ node: node.id, slot, name, type: input.type }];
    }),
  );
}

function freeOutputs(
  description: JsonObject,
  nodes: readonly GraphNode[],
  links: readonly Link[],
): readonly Socket[] {
  const key = (node: number, slot: number) => `${node}:${slot}`;
  const taken = new Set(links.map((link) => `${link.source}:${link.sourceSlot}`));
  for (const raw of listOf(description.external)) {
    const [node, slot] = listOf(raw).map((part) => wholeNumber(part) ?? -1);
    taken.delete(key(node ?? -1, slot ?? -1));
  }
  const used = new Set<string>();
  return nodes.flatMap((node, index) =>
    node.outputs.flatMap((output, slot): Socket[] => {
      const told = toldName(description, 'output', index, String(slot));
      if (taken.has(key(index, slot)) || told === null) return [];
      const name = uniqueName(told || output.name, node, used);
      return [{ node: node.id, slot, name, type: output.type }];
    }),
  );
}

function boundary({ node, slot, name, type }: Socket): Boundary {
  return { id: `${node}:${slot}`, name, type, label: null, extra: {} };
}

function linkIn({ node, slot, type }: Socket, at: number, id: number): Link {
  const from = { id, source: SUBGRAPH_INPUTS, sourceSlot: at };
  return { ...from, target: node, targetSlot: slot, type, reroute: null, extra: {} };
}

function linkOut({ node, slot, type }: Socket, at: number, id: number): Link {
  const to = { target: SUBGRAPH_OUTPUTS, targetSlot: at };
  return { id, source: node, sourceSlot: slot, ...to, type, reroute: null, extra: {} };
}

/** Every free socket of an inner node is one of the whole; null for a type that is no group node of this file. */
export function groupAsSubgraph(graph: Graph, type: string, lookup: Lookup): Subgraph | null {
  const description = descriptionOf(graph, type);
  if (description === null) return null;
  const nodes = innerNodes(description, lookup);
  const links = innerLinks(description, nodes);
  const inputs = freeInputs(description, nodes, links);
  const outputs = freeOutputs(description, nodes, links);
  const first = listOf(description.links).length + 1;
  const all = [
    ...links,
    ...inputs.map((socket, at) => linkIn(socket, at, first + at)),
    ...outputs.map((socket, at) => linkOut(socket, at, first + inputs.length + at)),
  ];
  return {
    id: type,
    name: type.slice('workflow/'.length),
    inputs: inputs.map(boundary),
    outputs: outputs.map(boundary),
    body: {
      nodes: new Map(nodes.map((node) => [node.id, node])),
      links: new Map(all.map((link) => [link.id, link])),
      reroutes: new Map(),
      groups: [],
    },
    extra: {},
  };
}
