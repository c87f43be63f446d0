/** Adds nodes to the open workflow: where the pointer was, wired to the link that was dropped. */

import { canvas } from '../canvas/controls';
import { rectanglesOf } from '../canvas/rectangles';
import { minus } from '../model/bounds';
import { bestSocket } from '../model/connect';
import type { NodeDefinition } from '../model/definition';
import { connect } from '../model/edit_links';
import { addNode, moveNodes } from '../model/edit_nodes';
import { freePlace } from '../model/freePlace';
import { socketPosition } from '../model/measures';
import type { Graph, NodeId, Point, Socket } from '../model/types';
import { type PalettePlace, type PaletteSocket, useNodePalette } from '../panels/nodePaletteStore';
import { activeDocument, innerOf, useDocuments } from '../state/documents';

/** Opens the palette where the pointer is over the canvas; for the keyboard right of the node that has it. */
export function openPalette(): void {
  const { at, byKeys } = placeWanted();
  useNodePalette.getState().open({ at, screen: canvas().toScreen(at), byKeys });
}

const GAP = 60;

function placeWanted(): { readonly at: Point; readonly byKeys: boolean } {
  const node = document.activeElement?.closest('.react-flow__node');
  const id = node?.matches(':focus-visible') === true ? node.getAttribute('data-id') : null;
  const [box] = id === null ? [] : rectanglesOf(innerOf(activeDocument()), [id]);
  if (box !== undefined) return { at: [box.x + box.width + GAP, box.y], byKeys: true };
  return { at: canvas().pointer(), byKeys: !canvas().hasPointer() };
}

/** What is known of where a node is to stand. */
type Placing = Pick<PalettePlace, 'at' | 'from' | 'byKeys'>;

/** One step of the history: the node and its link. */
export function placeNode(definition: NodeDefinition, place: Placing): NodeId {
  const { graph, id } = withNode(innerOf(activeDocument()), definition, place);
  useDocuments.getState().edit('step.added', () => graph, { select: { nodes: new Set([id]) } });
  useNodePalette.getState().used(definition.id);
  if (place.byKeys === true) canvas().focusNode(id);
  return id;
}

function withNode(
  graph: Graph,
  definition: NodeDefinition,
  place: Placing,
): { readonly graph: Graph; readonly id: NodeId } {
  const added = addNode(
    graph,
    definition,
    place.byKeys === true ? unused(graph, definition, place.at) : place.at,
  );
  return place.from === undefined
    ? added
    : { ...added, graph: wired(added.graph, added.id, definition, place.from) };
}

/** Nobody drops it, so it must not fall onto another node. */
function unused(graph: Graph, definition: NodeDefinition, at: Point): Point {
  const { graph: trial, id } = addNode(graph, definition, at);
  const [box] = rectanglesOf(trial, [id]);
  return box === undefined ? at : freePlace(rectanglesOf(graph), [box.width, box.height], at);
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
