/** Which node a mask is painted for: one that reads a picture of the server; the editor for it is loaded when it opens. */

import { create } from 'zustand';
import type { FileReference } from '../api/words';
import { chosenFile, folderOf, uploadWidget } from '../canvas/chosenFile';
import type { NodeDefinition } from '../model/definition';
import { linkInto } from '../model/graph';
import { definitionOf } from '../model/instances';
import type { Graph, GraphNode } from '../model/types';
import { definitionsNow } from '../state/definitions';
import { activeDocument, innerOf } from '../state/documents';
import { type Place, placeOf } from '../widgets/change';
import { keyOf, kindOf } from './pictures';

export interface MaskTarget {
  readonly place: Place;
  /** The widget that names the picture. */
  readonly widget: string;
  /** Where names without a bracket lie. */
  readonly folder: string;
  readonly file: FileReference;
  /** The widget that says which channel is read, where that is not the one a mask is kept in. */
  readonly channel: string | null;
}

interface MaskEditorState {
  readonly target: MaskTarget | null;
  readonly open: (target: MaskTarget) => void;
  readonly close: () => void;
}

export const useMaskEditor = create<MaskEditorState>((set) => ({
  target: null,
  open: (target) => set({ target }),
  close: () => set({ target: null }),
}));

/** The picture that a mask can be painted on; null where the node reads none, or a link says which. */
export function maskable(
  graph: Graph,
  node: GraphNode,
  definition: NodeDefinition | null,
): FileReference | null {
  const file = chosenFile(node, definition);
  if (file === null || kindOf(file) !== 'image') return null;
  const name = uploadWidget(definition)?.name;
  const slot = node.inputs.findIndex((input) => input.widget === name);
  return slot >= 0 && linkInto(graph, node.id, slot) !== null ? null : file;
}

/** A node of the open level as a target. */
export function maskTargetOf(node: GraphNode): MaskTarget | null {
  const graph = innerOf(activeDocument());
  const definition = definitionOf(graph, node, definitionsNow());
  const file = maskable(graph, node, definition);
  const widget = uploadWidget(definition);
  if (file === null || widget === null) return null;
  const channel = definition?.widgets.find(
    ({ name, choices }) => name === 'channel' && choices.includes('alpha'),
  );
  const isOther = channel !== undefined && (node.values.get(channel.name) ?? channel.default) !== 'alpha';
  return {
    place: placeOf(node.id),
    widget: widget.name,
    folder: folderOf(widget),
    file,
    channel: isOther ? channel.name : null,
  };
}

/** The node of the open level that reads a file, a selected one before others. */
export function maskTargetOfFile(file: FileReference): MaskTarget | null {
  const { selection } = activeDocument();
  const found = [...innerOf(activeDocument()).nodes.values()].flatMap((node) => {
    const target = maskTargetOf(node);
    return target !== null && keyOf(target.file) === keyOf(file) ? [target] : [];
  });
  return found.find(({ place }) => selection.nodes.has(place.node)) ?? found[0] ?? null;
}

/** Opens the editor for a node; whether it reads a picture. */
export function paintMaskOf(node: GraphNode): boolean {
  const target = maskTargetOf(node);
  if (target !== null) useMaskEditor.getState().open(target);
  return target !== null;
}
