/** What is dropped on the canvas: nodes from a list, files with workflows, pictures to work on, text. */

import { openFiles } from '../app/files';
import { dropPictures } from '../image/asInput';
import { PICTURES_MIME } from '../image/pictures';
import type { NodeDefinition } from '../model/definition';
import { addNode, setValue } from '../model/edit_nodes';
import { usualLoader } from '../model/pictureInputs';
import { textsIn } from '../model/pictures';
import type { NodeId, Point } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../state/documents';
import { placeOf } from '../widgets/change';
import { uploadFor } from '../widgets/uploads';
import { uploadWidget } from './chosenFile';

/** A node that is dragged from a list: the id of its definition. */
export const NODE_MIME = 'application/x-nodeloom-node';
const PICTURE = /^image\/(?:png|jpeg|webp|gif|bmp)$/u;
/** Pictures that are dropped together stand below each other. */
const STEP = 340;

export function mayDrop({ types }: DataTransfer): boolean {
  return [NODE_MIME, PICTURES_MIME, 'Files'].some((kind) => types.includes(kind));
}

/** `over`: the node it was dropped on. */
export async function drop(data: DataTransfer, at: Point, over: NodeId | null): Promise<void> {
  const node = data.getData(NODE_MIME);
  if (node !== '') return dropNode(node, at);
  const pictures = data.getData(PICTURES_MIME);
  if (pictures !== '') return dropPictures(pictures, over, at);
  await dropFiles([...data.files], at);
}

function dropNode(id: string, at: Point): void {
  const definition = useDefinitions.getState().definitions.get(id);
  if (definition !== undefined) place(definition, at, null);
}

/** Pictures without a workflow become nodes that load them; all else is opened. */
export async function dropFiles(files: readonly File[], at: Point): Promise<void> {
  const [x] = at;
  let [, y] = at;
  const sending: Promise<void>[] = [];
  for (const file of files) {
    if (PICTURE.test(file.type) && !(await hasWorkflow(file))) {
      sending.push(dropPicture(file, [x, y]));
      y += STEP;
    } else {
      await openFiles([file]);
    }
  }
  await Promise.all(sending);
}

async function hasWorkflow(file: File): Promise<boolean> {
  const { workflow, prompt } = await textsIn(new Uint8Array(await file.arrayBuffer()));
  return workflow !== null || prompt !== null;
}

/** The node is there at once, and shows how far the file has come. */
async function dropPicture(file: File, at: Point): Promise<void> {
  const loader = usualLoader(useDefinitions.getState().definitions);
  const widget = uploadWidget(loader?.definition ?? null);
  if (loader === null || widget === null) return openFiles([file]);
  const id = place(loader.definition, at, { widget: widget.name, value: '' });
  await uploadFor({ place: placeOf(id), widget, isQuiet: true }, file);
}

interface Given {
  readonly widget: string;
  readonly value: string;
}

function place(definition: NodeDefinition, at: Point, given: Given | null): NodeId {
  const added = addNode(innerOf(activeDocument()), definition, at);
  const graph = given === null ? added.graph : setValue(added.graph, added.id, given.widget, given.value);
  useDocuments.getState().edit('step.added', () => graph, { select: { nodes: new Set([added.id]) } });
  return added.id;
}
