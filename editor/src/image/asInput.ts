/** Makes pictures of the server inputs of the open workflow, as one step of its history. */

import type { FileReference } from '../api/words';
import { tell, warn } from '../app/messages';
import { canvas } from '../canvas/controls';
import { newNode } from '../model/edit_nodes';
import { targetAmong, usualLoader, type WithPictures, withPictures } from '../model/pictureInputs';
import type { NodeId, Point } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../state/documents';

/** Sets it at the selected node that reads a picture, else adds such a node in the middle of what is seen. */
export function takeAsInput(pictures: readonly FileReference[]): readonly NodeId[] {
  const { definitions } = useDefinitions.getState();
  const document = activeDocument();
  const target = targetAmong(innerOf(document), definitions, document.selection.nodes);
  return put(pictures, target, middleForNode());
}

/** Dropped on a node that reads a picture they are set there, else they become nodes where they were dropped. */
export function dropPictures(text: string, target: NodeId | null, at: Point): void {
  put(picturesIn(text), target, at);
}

function put(pictures: readonly FileReference[], target: NodeId | null, at: Point): readonly NodeId[] {
  if (pictures.length === 0) return [];
  const { definitions } = useDefinitions.getState();
  const graph = innerOf(activeDocument());
  const made: WithPictures = withPictures(graph, definitions, pictures, target, at);
  if (made.ids.length === 0) {
    warn('gallery.noLoader');
    return [];
  }
  const isSet = made.ids[0] === target;
  useDocuments.getState().edit('step.picture', () => made.graph, { select: { nodes: new Set(made.ids) } });
  if (isSet) tell('gallery.set');
  else tell('gallery.placed', { count: made.ids.length });
  return made.ids;
}

/** Where a node has its corner whose middle is in the middle. */
function middleForNode(): Point {
  const [x, y] = canvas().middle();
  const loader = usualLoader(useDefinitions.getState().definitions);
  if (loader === null) return [x, y];
  const [width, height] = newNode(loader.definition, [0, 0], '').size;
  return [x - width / 2, y - height / 2];
}

export function dragged(pictures: readonly FileReference[]): string {
  return JSON.stringify(pictures.map(({ filename, subfolder, type }) => ({ filename, subfolder, type })));
}

/** What was dragged may come from another page: only what has the right form is taken. */
export function picturesIn(text: string): readonly FileReference[] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(found) ? found.filter(isReference) : [];
}

function isReference(value: unknown): value is FileReference {
  if (typeof value !== 'object' || value === null) return false;
  const { filename, subfolder, type } = value as Record<string, unknown>;
  return typeof filename === 'string' && typeof subfolder === 'string' && typeof type === 'string';
}
