/** Adds nodes to the open workflow: where the pointer was, wired to the link that was dropped. */

import { canvas } from '../canvas/controls';
import { bestSocket } from '../model/connect';
import type { NodeDefinition } from '../model/definition';
import { connect } from '../model/edit_links';
import { addNode } from '../model/edit_nodes';
import type { Graph, NodeId } from '../model/types';
import { type PalettePlace, type PaletteSocket, useNodePalette } from '../panels/nodePaletteStore';
import { activeDocument, innerOf, useDocuments } from '../state/documents';

/** Opens the palette where the pointer is over the canvas. */
export function openPalette(): void {
  const at = canvas().pointer();
  useNodePalette.getState().open({ at, screen: canvas().toScreen(at) });
}

/** One step of the history: the node and its link. */
export function placeNode(definition: NodeDefinition, place: Pick<PalettePlace, 'at' | 'from'>): NodeId {
  const { graph, id } = withNode(innerOf(activeDocument()), definition, place);
  useDocuments.getState().edit('step.added', () => graph, { select: { nodes: new Set([id]) } });
  useNodePalette.getState().used(definition.id);
  return id;
}

function withNode(
  graph: Graph,
  definition: NodeDefinition,
  place: Pick<PalettePlace, 'at' | 'from'>,
): { readonly graph: Graph; readonly id: NodeId } {
  const added = addNode(graph, definition, place.at);
  return place.from === undefined ? added : { ...added, graph: wired(added.graph, added.id, place.from) };
}

function wired(graph: Graph, id: NodeId, from: PaletteSocket): Graph {
  const node = graph.nodes.get(id);
  const side = from.side === 'output' ? 'input' : 'output';
  const slot = node === undefined ? null : bestSocket(node, from.type, side);
  return slot === null ? graph : connect(graph, from, { node: id, slot, side });
}
