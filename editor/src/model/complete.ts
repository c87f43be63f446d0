/** Gives nodes what files leave to the definitions: values by name, and sockets that the file lacks. */

import type { InputDefinition, NodeDefinition, OutputDefinition } from './definition';
import { IMPLIED_EXTRA } from './serialize_nodes';
import type { GraphNode, Input, Output } from './types';
import { readValues, valuePlaces } from './values';

/** A file that has a link from the thousandth output of something unknown is not believed. */
const MOST_OUTPUTS = 1000;

function impliedInput({ name, type, widget }: InputDefinition): Input {
  return { name, type, widget: widget === null ? null : name, extra: IMPLIED_EXTRA };
}

function impliedOutput({ name, type }: OutputDefinition): Output {
  return { name, type, extra: IMPLIED_EXTRA };
}

function missingInputs(node: GraphNode, definition: NodeDefinition): readonly Input[] {
  const present = new Set(node.inputs.map((input) => input.name));
  return definition.inputs
    .filter(({ name, widget }) => !present.has(name) && widget?.options.socketless !== true)
    .map(impliedInput);
}

function missingOutputs(
  node: GraphNode,
  definition: NodeDefinition | null,
  least: number,
): readonly Output[] {
  const missing = (definition?.outputs ?? []).slice(node.outputs.length).map(impliedOutput);
  for (let at = node.outputs.length + missing.length; at < Math.min(least, MOST_OUTPUTS); at += 1) {
    missing.push({ name: `output ${at}`, type: '*', extra: IMPLIED_EXTRA });
  }
  return missing;
}

/** `leastOutputs`: how many outputs there must be for the links that begin there. */
export function completed(
  node: GraphNode,
  definition: NodeDefinition | null,
  leastOutputs: number,
): GraphNode {
  const places = valuePlaces(node.type, definition);
  const inputs = definition === null ? [] : missingInputs(node, definition);
  const outputs = missingOutputs(node, definition, leastOutputs);
  return {
    ...node,
    values: places === null ? node.values : readValues(node.type, node.stored, places),
    inputs: inputs.length === 0 ? node.inputs : [...node.inputs, ...inputs],
    outputs: outputs.length === 0 ? node.outputs : [...node.outputs, ...outputs],
  };
}
