/** The keys of all commands: found, changed, given back. */

import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refusalOf } from '../commands/combinations';
import { commandsNow, useCommands, usualKeys } from '../commands/current';
import { GROUPS } from '../commands/groups';
import { ownerOf, useKeys } from '../commands/keys';
import { shownKeys } from '../commands/shortcuts';
import type { Command } from '../commands/types';
import { KeyRow, type Trouble } from './KeyRow';
import { useKeyRecording } from './useKeyRecording';
import './keySettings.css';

interface Recording {
  readonly id: string;
  /** Beside the keys it has, or in their place. */
  readonly isAdding: boolean;
}

export function KeySettings() {
  const { t } = useTranslation();
  const commands = useCommands();
  const isChanged = useKeys((state) => Object.keys(state.changed).length > 0);
  const [text, setText] = useState('');
  const editing = useKeyEditing();
  const found = commands.filter((each) => isFound(each, text, t));
  return (
    <div className="key-settings">
      <div className="key-search">
        <input
          type="search"
          className="text-field"
          value={text}
          placeholder={t('keys.search')}
          aria-label={t('keys.search')}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="button" className="button" disabled={!isChanged} onClick={editing.resetAll}>
          <RotateCcw size={14} aria-hidden /> {t('keys.resetAll')}
        </button>
      </div>
      {found.length === 0 && <p className="empty">{t('keys.none')}</p>}
      {GROUPS.filter((group) => found.some((each) => each.group === group)).map((group) => (
        <section key={group} aria-labelledby={`keys-${group}`}>
          <h3 id={`keys-${group}`}>{t(`commands.group.${group}`)}</h3>
          <ul>
            {found
              .filter((each) => each.group === group)
              .map((each) => (
                <KeyRow
                  key={each.id}
                  command={each}
                  isRecording={editing.recording?.id === each.id}
                  trouble={editing.trouble?.id === each.id ? editing.trouble : null}
                  editing={editing}
                />
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

export interface KeyEditing {
  readonly recording: Recording | null;
  readonly trouble: Trouble | null;
  readonly record: (id: string, isAdding: boolean) => void;
  readonly cancel: () => void;
  /** Take the keys in question away from who has them. */
  readonly takeOver: () => void;
  readonly remove: (command: Command, keys: string) => void;
  readonly reset: (id: string) => void;
  readonly resetAll: () => void;
}

function useKeyEditing(): KeyEditing {
  const [recording, setRecording] = useState<Recording | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const end = (): void => {
    setRecording(null);
    setTrouble(null);
  };
  const onKeys = (keys: string): void => {
    if (recording === null) return;
    const refusal = refusalOf(keys);
    const owner = refusal === null ? ownerOf(keys, recording.id, commandsNow()) : null;
    setTrouble(refusal === null && owner === null ? null : { ...recording, keys, refusal, owner });
    if (refusal !== null) return;
    setRecording(null);
    if (owner === null) give(recording.id, keys, recording.isAdding);
  };
  useKeyRecording({ isOn: recording !== null, onKeys, onEnd: end });
  return {
    recording,
    trouble,
    record: (id, isAdding) => {
      setTrouble(null);
      setRecording({ id, isAdding });
    },
    cancel: end,
    takeOver: () => {
      if (trouble?.owner) {
        withdraw(trouble.owner, trouble.keys);
        give(trouble.id, trouble.keys, trouble.isAdding);
      }
      end();
    },
    remove: (command, keys) =>
      useKeys.getState().set(
        command.id,
        command.keys.filter((each) => each !== keys),
      ),
    reset: (id) => {
      end();
      const [taken] = usualKeys(id).flatMap((keys) => {
        const owner = ownerOf(keys, id, commandsNow());
        return owner === null ? [] : [{ id, isAdding: false, keys, refusal: null, owner }];
      });
      if (taken === undefined) useKeys.getState().set(id, null);
      else setTrouble(taken);
    },
    resetAll: () => {
      end();
      useKeys.getState().replace({});
    },
  };
}

function keysOf(id: string): readonly string[] {
  return commandsNow().find((each) => each.id === id)?.keys ?? [];
}

function give(id: string, keys: string, isAdding: boolean): void {
  const next = [...(isAdding ? keysOf(id).filter((each) => each !== keys) : []), keys];
  const isUsual = next.join(' ') === usualKeys(id).join(' ');
  useKeys.getState().set(id, isUsual ? null : next);
}

function withdraw(owner: Command, keys: string): void {
  const left = keysOf(owner.id).filter((each) => ownerOf(keys, '', [{ ...owner, keys: [each] }]) === null);
  useKeys.getState().set(owner.id, left);
}

/** By words of the name or the group, or by the keys as they are shown. */
function isFound(command: Command, text: string, t: (key: string) => string): boolean {
  const shown = command.keys.map((keys) => shownKeys(keys)).join(' ');
  const about = `${t(command.title)} ${t(`commands.group.${command.group}`)} ${shown}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => about.includes(word));
}
