/** Changes several values of a node in one step of the history. */

import { setValues } from '../model/edit_nodes';
import { atPath } from '../model/graph';
import type { Graph, Json, NodeId } from '../model/types';
import { activeDocument, useDocuments } from '../state/documents';

export type Values = ReadonlyMap<string, Json>;

export function changeValues(node: NodeId, values: Values, label: string): void {
  useDocuments.getState().edit(label, (graph) => setValues(graph, new Map([[node, values]])));
}

/** A node by where it stands, so that what comes later also finds it when something else is open by then. */
export interface Place {
  readonly document: string;
  readonly path: readonly NodeId[];
  readonly node: NodeId;
}

export function placeOf(node: NodeId): Place {
  const { id, path } = activeDocument();
  return { document: id, path, node };
}

export function keyOf({ document, path, node }: Place): string {
  return [document, ...path, node].join('/');
}

/** As `changeValues`; where its level is no longer open it is changed without a step. */
export function changeValuesAt(place: Place, values: Values, label: string): void {
  if (keyOf(placeOf(place.node)) === keyOf(place)) {
    changeValues(place.node, values, label);
    return;
  }
  adjustValuesAt(place, values);
}

/** Changes values without a step of the history. */
export function adjustValuesAt(place: Place, values: Values): void {
  const change = (graph: Graph): Graph => setValues(graph, new Map([[place.node, values]]));
  useDocuments.getState().adjust(place.document, (graph) => atPath(graph, place.path, change));
}
