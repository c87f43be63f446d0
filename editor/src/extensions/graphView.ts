/** The open level of the workflow as extensions see it: plain data that cannot be changed. */

import { titleOf } from '../canvas/titles';
import { linkInto } from '../model/graph';
import { definitionOf } from '../model/instances';
import { BYPASSED, type Graph, type GraphNode, MUTED } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf } from '../state/documents';
import type { GraphView, NodeView } from './api';
import { frozen } from './jsonValues';

export function titleOfNode(node: GraphNode): string {
  const graph = innerOf(activeDocument());
  const { definitions } = useDefinitions.getState();
  return titleOf(node, definitionOf(graph, node, definitions), graph.subgraphs.get(node.type) ?? null);
}

export function graphView(): GraphView {
  const document = activeDocument();
  const graph = innerOf(document);
  return Object.freeze({
    nodes: Object.freeze([...graph.nodes.values()].map((node) => nodeView(graph, node))),
    selected: Object.freeze([...document.selection.nodes]),
  });
}

export function nodeView(graph: Graph, node: GraphNode): NodeView {
  const { id, type, pos, size, mode, values, inputs, outputs } = node;
  return frozen({
    id,
    type,
    title: titleOfNode(node),
    position: [...pos],
    size: [...size],
    mode: mode === MUTED ? 'muted' : mode === BYPASSED ? 'bypassed' : 'normal',
    values: Object.fromEntries(values),
    inputs: inputs.map((input, slot) => {
      const link = linkInto(graph, id, slot);
      const from = link === null ? null : { node: link.source, output: link.sourceSlot };
      return { name: input.name, type: input.type, from };
    }),
    outputs: outputs.map((output) => ({ name: output.name, type: output.type })),
  }) as unknown as NodeView;
}
