/** Definitions of the nodes that only the editor knows: notes and primitives. */

import { CONTROLS, controlOf, type Definitions, type NodeDefinition, type Widget } from './definition';
import type { GraphNode } from './types';
import { NOTE_TEXT, PRIMITIVE_VALUE } from './values';

const NOTHING: Omit<NodeDefinition, 'id' | 'displayName'> = {
  description: '',
  category: '',
  module: 'editor',
  inputs: [],
  outputs: [],
  widgets: [],
  terminal: false,
  deprecated: false,
  experimental: false,
};

const TEXT: Widget = {
  name: NOTE_TEXT,
  kind: 'text',
  type: 'STRING',
  default: '',
  minimum: null,
  maximum: null,
  step: null,
  decimals: 0,
  choices: [],
  multiselect: false,
  multiline: true,
  dynamicPrompts: false,
  hasControl: false,
  upload: null,
  tooltip: '',
  label: NOTE_TEXT,
  options: {},
};

export const NOTES: Definitions = new Map(
  ['Note', 'MarkdownNote'].map((id) => [id, { ...NOTHING, id, displayName: id, widgets: [TEXT] }]),
);

/** Of a primitive that leads to no widget. */
export const UNCONNECTED_PRIMITIVE: NodeDefinition = {
  ...NOTHING,
  id: 'PrimitiveNode',
  displayName: 'Primitive',
};

interface Known {
  readonly target: Widget;
  readonly definition: NodeDefinition;
}

const known = new WeakMap<GraphNode, Known>();

function controlFor(value: Widget): Widget {
  return {
    ...value,
    name: controlOf(PRIMITIVE_VALUE),
    label: controlOf(PRIMITIVE_VALUE),
    kind: 'control',
    type: 'CONTROL',
    default: CONTROLS[0],
    choices: CONTROLS,
    hasControl: false,
  };
}

/** A primitive has the widget that it leads to, and a control if its file gave it one. */
export function primitiveDefinition(node: GraphNode, target: Widget): NodeDefinition {
  const old = known.get(node);
  if (old?.target === target) return old.definition;
  const hasControl = node.values.has(controlOf(PRIMITIVE_VALUE));
  const value: Widget = { ...target, name: PRIMITIVE_VALUE, hasControl, upload: null };
  const widgets = hasControl ? [value, controlFor(value)] : [value];
  const definition = { ...UNCONNECTED_PRIMITIVE, widgets };
  known.set(node, { target, definition });
  return definition;
}
