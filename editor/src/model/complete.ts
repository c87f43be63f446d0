/** Gives nodes what files leave to the definitions: values by name, and sockets that the file lacks. */

import type { InputDefinition, NodeDefinition, OutputDefinition } from './definition';
import { IMPLIED_EXTRA } from './serialize_nodes';
import type { GraphNode, Input, Output } from './types';
import { readValues, type ValuePlace, valuePlaces } from './values';

/** A file that has a link from the thousandth output of something unknown is not believed. */
const MOST_OUTPUTS = 1000;

function impliedInput({ name, type, widget }: InputDefinition): Input {
  return { name, type, widget: widget === null ? null : name, extra: IMPLIED_EXTRA };
}

function impliedOutput({ name, type }: OutputDefinition): Output {
  return { name, type, extra: IMPLIED_EXTRA };
}

/** The inputs of a definition that a node lacks. */
export function missingInputs(node: GraphNode, definition: NodeDefinition): readonly Input[] {
  const present = new Set(node.inputs.map((input) => input.name));
  return definition.inputs
    .filter(({ name, widget }) => !present.has(name) && widget?.options.socketless !== true)
    .map(impliedInput);
}

/** The same for outputs, and more of them where links need them. */
export function missingOutputs(
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

/** A file of before an extension made a widget of an input has a plain socket there. */
function withWidgets(inputs: readonly Input[], definition: NodeDefinition): readonly Input[] {
  const foreign = new Set(definition.widgets.filter(({ isForeign }) => isForeign).map(({ name }) => name));
  const isPlain = ({ widget, name }: Input): boolean => widget === null && foreign.has(name);
  if (!inputs.some(isPlain)) return inputs;
  return inputs.map((input) => (isPlain(input) ? { ...input, widget: input.name } : input));
}

/** The same for its values: as many as there are without those of extensions belong to the others. */
function placesOf(node: GraphNode, definition: NodeDefinition | null): readonly ValuePlace[] | null {
  const places = valuePlaces(node.type, definition);
  if (places === null || definition === null || !Array.isArray(node.stored)) return places;
  const usual = places.filter((_, at) => definition.widgets[at]?.isForeign !== true);
  return usual.length < places.length && node.stored.length === usual.length ? usual : places;
}

function valuesOf(node: GraphNode, definition: NodeDefinition | null): GraphNode['values'] {
  const all = valuePlaces(node.type, definition);
  const places = placesOf(node, definition);
  if (all === null || places === null) return node.values;
  const read = readValues(node.type, node.stored, places);
  return places === all ? read : new Map([...readValues(node.type, [], all), ...read]);
}

/** `leastOutputs`: how many outputs there must be for the links that begin there. */
export function completed(
  node: GraphNode,
  definition: NodeDefinition | null,
  leastOutputs: number,
): GraphNode {
  const present = definition === null ? node.inputs : withWidgets(node.inputs, definition);
  const inputs = definition === null ? [] : missingInputs(node, definition);
  const outputs = missingOutputs(node, definition, leastOutputs);
  return {
    ...node,
    values: valuesOf(node, definition),
    inputs: inputs.length === 0 ? present : [...present, ...inputs],
    outputs: outputs.length === 0 ? node.outputs : [...node.outputs, ...outputs],
  };
}
