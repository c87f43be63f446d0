/** Hides the inputs of nodes that nothing is connected to, and shows them again. */

import { warn } from '../app/messages';
import { hideInputs, hidesInputs } from '../model/edit_hidden';
import type { NodeId } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../state/documents';

export function showInputs(ids: readonly NodeId[]): void {
  const { definitions } = useDefinitions.getState();
  useDocuments.getState().edit('step.inputsShown', (graph) => hideInputs(graph, definitions, ids, false));
}

/** Shows all where one of the nodes hides some. */
export function toggleInputs(ids: readonly NodeId[]): void {
  const inner = innerOf(activeDocument());
  if (hidesInputs(inner, ids)) {
    showInputs(ids);
    return;
  }
  const { definitions } = useDefinitions.getState();
  const hidden = hideInputs(inner, definitions, ids, true);
  if (hidden === inner) warn('canvas.nothingToHide');
  else useDocuments.getState().edit('step.inputsHidden', () => hidden);
}
