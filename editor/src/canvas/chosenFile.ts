/** The picture on the server that a node reads, as its widget names it: `name [type]` within a folder. */

import type { FileReference } from '../api/words';
import type { NodeDefinition } from '../model/definition';
import type { GraphNode } from '../model/types';

export function chosenFile(node: GraphNode, definition: NodeDefinition | null): FileReference | null {
  const upload = definition?.widgets.find((widget) => widget.upload === 'image' && widget.kind !== 'upload');
  if (upload === undefined) return null;
  const value = node.values.get(upload.name);
  return typeof value === 'string' && value !== '' ? fileNamed(value) : null;
}

const ANNOTATED = /^(?<path>.*?)(?: \[(?<type>input|output|temp)\])?$/su;

export function fileNamed(value: string): FileReference {
  const { path = value, type = 'input' } = ANNOTATED.exec(value)?.groups ?? {};
  const slash = path.lastIndexOf('/');
  return { filename: path.slice(slash + 1), subfolder: slash < 0 ? '' : path.slice(0, slash), type };
}
