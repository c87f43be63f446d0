/** The title of a node or a group, which becomes a field while it is edited. */

import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitleEdit } from './titleEdit';

interface TitleProps {
  readonly flowId: string;
  readonly title: string;
  /** Gets the text as it was typed; an empty one takes the title away. */
  readonly onRename: (title: string) => void;
}

/** Names of files may be long; a title never is. */
const MOST_LETTERS = 200;

export function Title({ flowId, title, onRename }: TitleProps) {
  const isEditing = useTitleEdit((state) => state.editing === flowId);
  if (isEditing) return <TitleField title={title} onRename={onRename} />;
  return (
    <span className="title-text" title={title}>
      {title}
    </span>
  );
}

function TitleField({ title, onRename }: Omit<TitleProps, 'flowId'>) {
  const { t } = useTranslation();
  const [text, setText] = useState(title);
  const end = useTitleEdit((state) => state.end);
  const commit = (): void => {
    end();
    if (text.trim() !== title) onRename(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return;
    event.stopPropagation();
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape') end();
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.currentTarget.closest<HTMLElement>('.react-flow__node')?.focus();
  };
  return (
    <input
      className="title-field nodrag nokey"
      value={text}
      maxLength={MOST_LETTERS}
      aria-label={t('canvas.title')}
      // biome-ignore lint/a11y/noAutofocus: the field was asked for by the command to rename
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}
