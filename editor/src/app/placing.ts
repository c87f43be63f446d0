/** Adds nodes to the open workflow: where the pointer was, wired to the link that was dropped. */

import { canvas } from '../canvas/controls';
import { minus } from '../model/bounds';
import { bestSocket } from '../model/connect';
import type { NodeDefinition } from '../model/definition';
import { connect } from '../model/edit_links';
import { addNode, moveNodes } from '../model/edit_nodes';
import { socketPosition } from '../model/measures';
import type { Graph, NodeId, Socket } from '../model/types';
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
  return place.from === undefined
    ? added
    : { ...added, graph: wired(added.graph, added.id, definition, place.from) };
}

/** The socket that takes the link comes to lie where that was dropped. */
function wired(graph: Graph, id: NodeId, definition: NodeDefinition, from: PaletteSocket): Graph {
  const node = graph.nodes.get(id);
  const side = from.side === 'output' ? 'input' : 'output';
  const slot = node === undefined ? null : bestSocket(node, from.type, side);
  if (node === undefined || slot === null) return graph;
  const socket: Socket = { node: id, slot, side };
  const pos = minus(node.pos, socketPosition(node, definition, socket));
  const placed = moveNodes(graph, new Map([[id, [Math.round(pos[0]), Math.round(pos[1])]]]));
  return connect(placed, from, socket);
}
