/** Undo and redo within a text field, which are those of the workflow: one step for each pause in typing. */

import { insideOf } from '../model/graph';
import type { Graph, NodeId } from '../model/types';
import { activeDocument, innerOf, useDocuments } from '../state/documents';

type Way = 'undo' | 'redo';

/** Which of the two a key press asks for, as everywhere in the editor; null for any other key. */
export function wayOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}): Way | null {
  if ((!event.ctrlKey && !event.metaKey) || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
  return key === 'y' && !event.shiftKey ? 'redo' : null;
}

/** Goes one step where that changes this very text, and gives what it is then; null where the step is about others. */
export function textAfterStep(node: NodeId, widget: string, way: Way): string | null {
  const document = activeDocument();
  const step = (way === 'undo' ? document.past : document.future).at(-1);
  const inner = step === undefined ? null : insideOf(step.graph, document.path);
  const then = inner === null ? undefined : valueIn(inner, node, widget);
  if (typeof then !== 'string' || then === valueIn(innerOf(document), node, widget)) return null;
  useDocuments.getState()[way]();
  return then;
}

function valueIn(graph: Graph, node: NodeId, widget: string): unknown {
  return graph.nodes.get(node)?.values.get(widget);
}

/** Where two texts differ: a place in the later one just behind what is new. */
export function endOfChange(before: string, after: string): number {
  let same = 0;
  const most = Math.min(before.length, after.length);
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  let begin = 0;
  while (begin < most && before[begin] === after[begin]) begin += 1;
  return Math.max(after.length - same, Math.min(begin, after.length));
}
