/** One command with its keys, and what is to be said while they are changed. */

import { Plus, RotateCcw, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Refusal } from '../commands/combinations';
import { useKeys } from '../commands/keys';
import { shownKeys } from '../commands/shortcuts';
import type { Command } from '../commands/types';
import type { KeyEditing } from './KeySettings';

/** Keys that a command cannot have, or that another one has. */
export interface Trouble {
  readonly id: string;
  readonly isAdding: boolean;
  readonly keys: string;
  readonly refusal: Refusal | null;
  readonly owner: Command | null;
}

interface KeyRowProps {
  readonly command: Command;
  readonly isRecording: boolean;
  readonly trouble: Trouble | null;
  readonly editing: KeyEditing;
}

export function KeyRow({ command, isRecording, trouble, editing }: KeyRowProps) {
  const { t } = useTranslation();
  const name = t(command.title);
  return (
    <li className="key-row" data-command={command.id}>
      <span className="key-name">{name}</span>
      <span className="key-list">
        {command.keys.map((keys) => (
          <KeyChip key={keys} command={command} keys={keys} editing={editing} />
        ))}
        {command.keys.length === 0 && <span className="muted">{t('keys.no')}</span>}
      </span>
      {command.native === true ? (
        <span className="key-native muted">{t('keys.native')}</span>
      ) : (
        <KeyButtons command={command} isRecording={isRecording} editing={editing} />
      )}
      <Told trouble={trouble} isRecording={isRecording} editing={editing} />
    </li>
  );
}

function KeyChip({
  command,
  keys,
  editing,
}: {
  readonly command: Command;
  readonly keys: string;
  readonly editing: KeyEditing;
}) {
  const { t } = useTranslation();
  const shown = shownKeys(keys);
  return (
    <span className="key key-chip">
      <kbd>{shown}</kbd>
      {command.native !== true && (
        <button
          type="button"
          aria-label={t('keys.remove', { keys: shown, command: t(command.title) })}
          title={t('keys.remove', { keys: shown, command: t(command.title) })}
          onClick={() => editing.remove(command, keys)}
        >
          <X size={11} />
        </button>
      )}
    </span>
  );
}

interface KeyButtonsProps {
  readonly command: Command;
  readonly isRecording: boolean;
  readonly editing: KeyEditing;
}

function KeyButtons({ command, isRecording, editing }: KeyButtonsProps) {
  const { t } = useTranslation();
  const isChanged = useKeys((state) => Object.hasOwn(state.changed, command.id));
  const name = t(command.title);
  return (
    <span className="key-buttons">
      <button
        type="button"
        className="button key-change"
        aria-pressed={isRecording}
        aria-label={isRecording ? t('keys.press') : t('keys.change', { command: name })}
        onClick={() => (isRecording ? editing.cancel() : editing.record(command.id, false))}
        onBlur={() => isRecording && editing.cancel()}
      >
        {isRecording ? t('keys.press') : t('keys.changeShort')}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t('keys.add', { command: name })}
        title={t('keys.add', { command: name })}
        onClick={(event) => {
          event.currentTarget.parentElement?.querySelector<HTMLElement>('.key-change')?.focus();
          editing.record(command.id, true);
        }}
      >
        <Plus size={14} />
      </button>
      <button
        type="button"
        className="icon-button"
        disabled={!isChanged}
        aria-label={t('keys.reset', { command: name })}
        title={t('keys.reset', { command: name })}
        onClick={() => editing.reset(command.id)}
      >
        <RotateCcw size={14} />
      </button>
    </span>
  );
}

/** What to do, why something cannot be had, or who has it. */
function Told({ trouble, isRecording, editing }: Omit<KeyRowProps, 'command'>) {
  const { t } = useTranslation();
  const first = useRef<HTMLButtonElement>(null);
  const asks = trouble?.owner != null;
  useEffect(() => {
    if (asks) first.current?.focus();
  }, [asks]);
  if (trouble === null) return isRecording ? <p className="key-told muted">{t('keys.pressHint')}</p> : null;
  const keys = shownKeys(trouble.keys);
  const { owner, refusal } = trouble;
  if (owner === null) {
    return (
      <p className="key-told key-refused" role="alert">
        {t(`keys.refused.${refusal ?? 'nonsense'}`, { keys })}
      </p>
    );
  }
  return (
    <div className="key-told key-conflict" role="alert">
      <span>{t('keys.taken', { keys, command: t(owner.title) })}</span>
      {owner.native !== true && (
        <button ref={first} type="button" className="button" onClick={editing.takeOver}>
          {t('keys.takeOver')}
        </button>
      )}
      <button
        ref={owner.native === true ? first : undefined}
        type="button"
        className="button"
        onClick={editing.cancel}
      >
        {t('keys.leave')}
      </button>
    </div>
  );
}
