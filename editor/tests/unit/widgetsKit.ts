/** Small nodes and widgets to test controls with. */

import type { Widget } from '../../src/model/definition';
import type { GraphNode } from '../../src/model/types';

export function widget(parts: Partial<Widget> = {}): Widget {
  const name = parts.name ?? 'value';
  return {
    kind: 'text',
    type: 'STRING',
    default: '',
    minimum: null,
    maximum: null,
    step: null,
    decimals: 0,
    choices: [],
    multiselect: false,
    multiline: false,
    dynamicPrompts: false,
    hasControl: false,
    upload: null,
    tooltip: '',
    label: name,
    options: {},
    ...parts,
    name,
  };
}

export function node(parts: Partial<GraphNode> = {}): GraphNode {
  return {
    id: '1',
    type: 'Test',
    title: null,
    pos: [0, 0],
    size: [210, 100],
    mode: 0,
    collapsed: false,
    color: null,
    bgcolor: null,
    inputs: [],
    outputs: [],
    values: new Map(),
    stored: [],
    properties: {},
    extra: {},
    ...parts,
  };
}
