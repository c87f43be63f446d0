/** A group beside the canvas: its title, its colour, and what can be done with the nodes in it. */

import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../commands/current';
import { canRun } from '../commands/table';
import { editGroup, type GroupChange } from '../model/edit_groups';
import type { Group } from '../model/types';
import { useDocuments } from '../state/documents';
import { isComposing, useDraft } from './draft';
import { Swatches } from './Swatches';

const COMMANDS = ['group.run', 'group.bypass', 'group.mute', 'group.fit', 'group.select'] as const;

export function GroupLooks({ group }: { readonly group: Group }) {
  const { t } = useTranslation();
  const id = useId();
  const change = (label: string, changes: GroupChange, merge: string): void =>
    useDocuments.getState().edit(label, (graph) => editGroup(graph, group.id, changes), { merge });
  return (
    <>
      <header className="inspector-heading">
        <div className="field-row">
          <label htmlFor={id}>{t('frames.title')}</label>
          <TitleOf
            id={id}
            group={group}
            onType={(title) => change('step.renamed', { title }, `frame ${group.id}`)}
          />
        </div>
      </header>
      <section aria-label={t('widgets.looks')}>
        <Swatches
          colour={group.color ?? ''}
          onPick={(color) => change('step.coloured', { color }, `frame colour ${group.id}`)}
        />
      </section>
      <section className="group-actions" aria-label={t('frames.actions')}>
        {COMMANDS.map((command) => (
          <Action key={command} id={command} />
        ))}
      </section>
    </>
  );
}

interface TitleProps {
  readonly id: string;
  readonly group: Group;
  readonly onType: (title: string) => void;
}

function TitleOf({ id, group, onType }: TitleProps) {
  const draft = useDraft(group.title);
  const type = (text: string, composing: boolean): void => {
    draft.type(text, composing ? null : text);
    if (!composing) onType(text);
  };
  return (
    <input
      id={id}
      type="text"
      className="text-field"
      autoComplete="off"
      value={draft.text}
      onChange={(event) => type(event.currentTarget.value, isComposing(event))}
      onCompositionEnd={(event) => type(event.currentTarget.value, false)}
      onBlur={draft.end}
    />
  );
}

function Action({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const command = useCommand(id);
  return (
    <button type="button" className="button" disabled={!canRun(command)} onClick={() => void command.run()}>
      {t(command.title)}
    </button>
  );
}
