/** What is known of any node: kinds of the server, instances of subgraphs, and the editor's own notes. */

import type { Definitions, InputDefinition, NodeDefinition, Widget } from './definition';
import { linksFrom } from './graph';
import { isNote } from './measures';
import type { Boundary, Graph, GraphNode, Subgraph } from './types';
import { SUBGRAPH_INPUTS } from './types';
import { SUBGRAPH_MODULE } from './values';

type Subgraphs = Graph['subgraphs'];

interface Known {
  readonly definitions: Definitions;
  readonly subgraphs: Subgraphs;
  readonly definition: NodeDefinition;
}

const NOTHING: Omit<NodeDefinition, 'id' | 'displayName'> = {
  description: '',
  category: '',
  module: SUBGRAPH_MODULE,
  inputs: [],
  outputs: [],
  widgets: [],
  terminal: false,
  deprecated: false,
  experimental: false,
};

const TEXT: Widget = {
  name: 'text',
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
  label: 'text',
  options: {},
};

const NOTES: Definitions = new Map(
  ['Note', 'MarkdownNote'].map((id) => [
    id,
    { ...NOTHING, module: '', id, displayName: id, widgets: [TEXT] },
  ]),
);

const made = new WeakMap<Subgraph, Known>();

export interface Promotion {
  readonly node: GraphNode;
  /** The name of its widget there. */
  readonly widget: string;
}

/** The widget inside that an input of a subgraph sets, the first of several; null if it leads to plain sockets too. */
export function promotionOf(subgraph: Subgraph, slot: number): Promotion | null {
  let found: Promotion | null = null;
  for (const link of linksFrom(subgraph.body, SUBGRAPH_INPUTS, slot)) {
    const node = subgraph.body.nodes.get(link.target);
    const widget = node?.inputs[link.targetSlot]?.widget ?? null;
    if (node === undefined || widget === null) return null;
    found ??= { node, widget };
  }
  return found;
}

/** With the value inside as its first one. */
function promotedWidget(
  subgraph: Subgraph,
  slot: number,
  lookUp: (node: GraphNode) => NodeDefinition | null,
): Widget | null {
  const promotion = promotionOf(subgraph, slot);
  if (promotion === null) return null;
  const widget = lookUp(promotion.node)?.widgets.find(({ name }) => name === promotion.widget);
  return widget === undefined
    ? null
    : { ...widget, default: promotion.node.values.get(widget.name) ?? widget.default };
}

function inputOf({ name, type, label }: Boundary, widget: Widget | null): InputDefinition {
  const shown = label ?? name;
  return {
    name,
    type,
    optional: true,
    widget: widget && { ...widget, name, label: shown, hasControl: false },
    tooltip: widget?.tooltip ?? '',
    label: shown,
  };
}

function definitionOfSubgraph(
  subgraph: Subgraph,
  subgraphs: Subgraphs,
  definitions: Definitions,
  within: ReadonlySet<string>,
): NodeDefinition {
  const known = made.get(subgraph);
  if (known?.definitions === definitions && known.subgraphs === subgraphs) return known.definition;
  const deeper = new Set([...within, subgraph.id]);
  const lookUp = (node: GraphNode) => lookedUp(node.type, subgraphs, definitions, deeper);
  const inputs = subgraph.inputs.map((boundary, slot) =>
    inputOf(boundary, promotedWidget(subgraph, slot, lookUp)),
  );
  const definition: NodeDefinition = {
    ...NOTHING,
    id: subgraph.id,
    displayName: subgraph.name,
    inputs,
    outputs: subgraph.outputs.map(({ name, type, label }) => {
      return { name: label ?? name, type, isList: false, tooltip: '' };
    }),
    widgets: inputs.flatMap(({ widget }) => widget ?? []),
  };
  made.set(subgraph, { definitions, subgraphs, definition });
  return definition;
}

function lookedUp(
  type: string,
  subgraphs: Subgraphs,
  definitions: Definitions,
  within: ReadonlySet<string>,
): NodeDefinition | null {
  const subgraph = subgraphs.get(type);
  if (subgraph !== undefined) {
    return within.has(type) ? null : definitionOfSubgraph(subgraph, subgraphs, definitions, within);
  }
  return definitions.get(type) ?? (isNote(type) ? (NOTES.get(type) ?? null) : null);
}

/** The definition of a node, null for one of a type that the server does not know. */
export function definitionOf(graph: Graph, definitions: Definitions, node: GraphNode): NodeDefinition | null {
  return lookedUp(node.type, graph.subgraphs, definitions, new Set());
}
