/** A note: words for people. Markdown is shown as such until it is edited. */

import { type CSSProperties, memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { noteText, setTitle, setValue } from '../model/edit_nodes';
import { NotesMarkdown } from '../panels/NotesMarkdown';
import { useDocuments } from '../state/documents';
import type { NodeData } from './flow';
import { Resizer } from './Resizer';
import { Title } from './Title';
import { colourIn } from './titles';

interface NoteProps {
  readonly data: NodeData;
  readonly selected: boolean;
}

export const NoteView = memo(function NoteView({ data, selected }: NoteProps) {
  const { t } = useTranslation();
  const { node } = data;
  const tint = colourIn(node.color) ?? colourIn(node.bgcolor) ?? '#c9a227';
  const rename = (title: string): void =>
    useDocuments
      .getState()
      .edit('step.renamed', (graph) => setTitle(graph, node.id, title === '' ? null : title));
  return (
    <div
      className="node note"
      style={{ '--tint': tint } as CSSProperties}
      data-selected={selected || undefined}
      data-collapsed={node.collapsed || undefined}
    >
      <header className="node-header">
        <Title flowId={node.id} title={node.title ?? t('canvas.note')} onRename={rename} />
      </header>
      {!node.collapsed && <NoteBody data={data} />}
      {!node.collapsed && selected && <Resizer data={data} />}
    </div>
  );
});

function NoteBody({ data }: { readonly data: NodeData }) {
  const { t } = useTranslation();
  const { node } = data;
  const [isEditing, setEditing] = useState(false);
  const text = noteText(node);
  const isField = isEditing || node.type === 'Note';
  if (!isField) {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the keyboard gets here by Enter on the node
      <div className="note-text" onDoubleClick={() => setEditing(true)}>
        {text === '' ? <p className="muted">{t('canvas.noteHint')}</p> : <NotesMarkdown text={text} />}
        <button type="button" className="note-edit visually-hidden" onClick={() => setEditing(true)}>
          {t('canvas.editNote')}
        </button>
      </div>
    );
  }
  return (
    <textarea
      className="note-field nodrag nokey"
      value={text}
      aria-label={t('canvas.noteText')}
      placeholder={t('canvas.noteHint')}
      // biome-ignore lint/a11y/noAutofocus: the field was asked for by a double click
      autoFocus={isEditing}
      onBlur={() => setEditing(false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
      onChange={(event) => {
        const { value } = event.currentTarget;
        useDocuments.getState().edit('step.value', (graph) => setValue(graph, node.id, 'text', value), {
          merge: `note ${node.id}`,
        });
      }}
    />
  );
}
