/** The picture on the server that a node reads, as its widget names it: `name [type]` within a folder. */

import type { FileReference } from '../api/words';
import type { NodeDefinition, Widget } from '../model/definition';
import type { GraphNode } from '../model/types';

/** The widget that names a picture which may be uploaded. */
export function uploadWidget(definition: NodeDefinition | null): Widget | null {
  return definition?.widgets.find((widget) => widget.upload === 'image' && widget.kind !== 'upload') ?? null;
}

/** Where the names of a widget lie that do not say it themselves. */
export function folderOf({ options }: Widget): string {
  const folder = options.image_folder;
  return folder === 'output' || folder === 'temp' ? folder : 'input';
}

export function chosenFile(node: GraphNode, definition: NodeDefinition | null): FileReference | null {
  const upload = uploadWidget(definition);
  if (upload === null) return null;
  const value = node.values.get(upload.name);
  return typeof value === 'string' && value !== '' ? fileNamed(value, folderOf(upload)) : null;
}

const ANNOTATED = /^(?<path>.*?)(?: \[(?<type>input|output|temp)\])?$/su;

export function fileNamed(value: string, folder = 'input'): FileReference {
  const { path = value, type = folder } = ANNOTATED.exec(value)?.groups ?? {};
  const slash = path.lastIndexOf('/');
  return { filename: path.slice(slash + 1), subfolder: slash < 0 ? '' : path.slice(0, slash), type };
}
