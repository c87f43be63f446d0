/** Inputs that a node does not show, as nothing was connected to them; kept by name in the node's properties. */

import { isList } from './json';
import type { GraphNode, JsonObject } from './types';

/** A property that other editors keep and pass on. */
const PROPERTY = 'nodeloom.hiddenInputs';
const NONE: ReadonlySet<string> = new Set();
const known = new WeakMap<GraphNode, ReadonlySet<string>>();

function namesIn(properties: JsonObject): ReadonlySet<string> {
  const told = properties[PROPERTY];
  if (told === undefined || !isList(told)) return NONE;
  return new Set(told.filter((name) => typeof name === 'string'));
}

/** The names of the plain sockets that are not shown; a widget always is. */
export function hiddenInputs(node: GraphNode): ReadonlySet<string> {
  if (node.properties[PROPERTY] === undefined) return NONE;
  let names = known.get(node);
  if (names === undefined) {
    const told = namesIn(node.properties);
    const plain = node.inputs.filter(({ name, widget }) => widget === null && told.has(name));
    names = new Set(plain.map(({ name }) => name));
    known.set(node, names);
  }
  return names;
}

/** The node with just these inputs hidden. */
export function withHidden(node: GraphNode, names: Iterable<string>): GraphNode {
  const { [PROPERTY]: _, ...properties } = node.properties;
  const list = [...names];
  return { ...node, properties: list.length === 0 ? properties : { ...properties, [PROPERTY]: list } };
}

/** The node with this input shown, as something is connected to it now; the node itself where it is. */
export function withShown(node: GraphNode, slot: number): GraphNode {
  const hidden = hiddenInputs(node);
  const name = node.inputs[slot]?.name;
  if (name === undefined || !hidden.has(name)) return node;
  return withHidden(
    node,
    [...hidden].filter((other) => other !== name),
  );
}
