/** The title of a node as a field; left empty the node is called after its type. */

import { setTitle } from '../model/edit_nodes';
import { isBoundary } from '../model/graph';
import type { GraphNode } from '../model/types';
import { useDocuments } from '../state/documents';
import { isComposing, useDraft } from './draft';

interface TitleFieldProps {
  readonly node: GraphNode;
  readonly label: string;
  /** What it is called without a title. */
  readonly otherwise: string;
  readonly id?: string;
}

export function TitleField({ node, label, otherwise, id }: TitleFieldProps) {
  const draft = useDraft(node.title ?? '');
  const type = (text: string, composing: boolean): void => {
    draft.type(text, composing ? null : text);
    if (composing) return;
    const title = text === '' ? null : text;
    useDocuments
      .getState()
      .edit('step.renamed', (graph) => setTitle(graph, node.id, title), { merge: `title ${node.id}` });
  };
  return (
    <input
      id={id}
      type="text"
      className="text-field"
      autoComplete="off"
      aria-label={label}
      placeholder={otherwise}
      value={draft.text}
      disabled={isBoundary(node.id)}
      onChange={(event) => type(event.currentTarget.value, isComposing(event))}
      onCompositionEnd={(event) => type(event.currentTarget.value, false)}
      onBlur={draft.end}
    />
  );
}
