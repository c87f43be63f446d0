/** Which file on the server a node chooses, so that it can be shown. */

import type { FileReference } from '../api/words';
import { folderOf } from '../canvas/chosenFile';
import type { NodeDefinition, Widget } from '../model/definition';
import type { GraphNode, Json } from '../model/types';

/** The widget that names the file an upload is for. */
export function uploadTarget(definition: NodeDefinition | null): Widget | null {
  return definition?.widgets.find((widget) => widget.upload !== null && widget.kind !== 'upload') ?? null;
}

/** `path/name [folder]` as a file of the server; null for what names none. `folder`: where names without one lie. */
export function fileNamed(value: Json | undefined, folder = 'input'): FileReference | null {
  if (typeof value !== 'string' || value === '') return null;
  const match = /^(.*?)(?: \[(input|output|temp)\])?$/su.exec(value);
  const path = (match?.[1] ?? value).replaceAll('\\', '/');
  const cut = path.lastIndexOf('/');
  return {
    filename: path.slice(cut + 1),
    subfolder: cut < 0 ? '' : path.slice(0, cut),
    type: match?.[2] ?? folder,
  };
}

/** The file that a node with an upload has chosen. */
export function chosenFile(node: GraphNode, definition: NodeDefinition | null): FileReference | null {
  const widget = uploadTarget(definition);
  if (widget === null) return null;
  return fileNamed(node.values.get(widget.name) ?? widget.default, folderOf(widget));
}
