/** Gives nodes the sockets of a definition that has changed; values and links go by name and are all kept. */

import { missingInputs, missingOutputs } from './complete';
import type { Definitions, NodeDefinition } from './definition';
import { initialValue } from './schema';
import type { Body, Graph, GraphNode, Input, Output } from './types';

/** Whether a node of this definition has other sockets or widgets than one of the other. */
export function differ(one: NodeDefinition, other: NodeDefinition): boolean {
  return shapeOf(one) !== shapeOf(other);
}

function shapeOf({ inputs, outputs, widgets }: NodeDefinition): string {
  return JSON.stringify([
    inputs.map(({ name, type, widget }) => [name, type, widget !== null]),
    outputs.map(({ name, type }) => [name, type]),
    widgets.map(({ name }) => name),
  ]);
}

/** What an input was stays where it is, also one that the definition has no more: a link may end there. */
function renewedInputs(node: GraphNode, definition: NodeDefinition): readonly Input[] {
  const now = new Map(definition.inputs.map((input) => [input.name, input]));
  const kept = node.inputs.map((input) => {
    const found = now.get(input.name);
    if (found === undefined) return input;
    return { ...input, type: found.type, widget: found.widget === null ? null : found.name };
  });
  return [...kept, ...missingInputs(node, definition)];
}

function renewedOutputs(node: GraphNode, definition: NodeDefinition): readonly Output[] {
  const kept = node.outputs.map((output, slot) => {
    const found = definition.outputs[slot];
    return found === undefined ? output : { ...output, name: found.name, type: found.type };
  });
  return [...kept, ...missingOutputs(node, definition, 0)];
}

/** Widgets that are new have their first value; what the definition has no more is kept, should it come back. */
function renewedValues(node: GraphNode, definition: NodeDefinition): GraphNode['values'] {
  return new Map([
    ...definition.widgets.map((widget) => [widget.name, initialValue(widget)] as const),
    ...node.values,
  ]);
}

export function renewedNode(node: GraphNode, definition: NodeDefinition): GraphNode {
  return {
    ...node,
    inputs: renewedInputs(node, definition),
    outputs: renewedOutputs(node, definition),
    values: renewedValues(node, definition),
  };
}

function renewedBody<Kind extends Body>(
  body: Kind,
  types: ReadonlySet<string>,
  definitions: Definitions,
): Kind {
  const nodes = new Map(body.nodes);
  for (const [id, node] of body.nodes) {
    const definition = types.has(node.type) ? definitions.get(node.type) : undefined;
    if (definition !== undefined) nodes.set(id, renewedNode(node, definition));
  }
  return { ...body, nodes };
}

/** All nodes of these types, inside subgraphs too. */
export function renewed(graph: Graph, types: ReadonlySet<string>, definitions: Definitions): Graph {
  const subgraphs = [...graph.subgraphs].map(
    ([id, subgraph]) => [id, { ...subgraph, body: renewedBody(subgraph.body, types, definitions) }] as const,
  );
  return { ...renewedBody(graph, types, definitions), subgraphs: new Map(subgraphs) };
}
