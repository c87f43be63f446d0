/** One of many (or some of them): a button with what is chosen, which opens a list that can be searched. */

import { ChevronDown } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Json } from '../model/types';
import { ChoicePopover } from './ChoicePopover';
import { choicesOf, chosenValues, isKnownChoice, picked } from './choices';
import { isComposing } from './draft';
import type { ControlProps } from './types';
import { useUpload } from './useUpload';
import { textOf } from './values';

export function ChoiceField(props: ControlProps) {
  const { node, widget, value, onChange, linked, problem, id, labelId, descriptionId } = props;
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const [search, setSearch] = useState<string | null>(null);
  const upload = useUpload(node, widget.upload === null || linked ? null : widget);
  const chosen = chosenValues(widget, value);
  const missing = chosen.filter((each) => !isKnownChoice(widget, each));
  const isOpen = search !== null && !linked;
  const choices = useMemo(() => (isOpen ? choicesOf(widget, value) : []), [isOpen, widget, value]);
  const text = chosen.map(textOf).join(', ');

  const close = (): void => {
    setSearch(null);
    button.current?.focus({ preventScroll: true });
  };
  const pick = (choice: Json): void => {
    const next = picked(widget, value, choice);
    if (!widget.multiselect) close();
    if (next !== value) onChange(next);
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const isLetter = event.key.length === 1 && event.key !== ' ';
    if (!isLetter && event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    event.stopPropagation();
    setSearch(isLetter ? event.key : '');
  };
  return (
    <>
      <button
        id={id}
        ref={button}
        type="button"
        role="combobox"
        className="nodrag widget-input widget-choice"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? `${id}-popover` : undefined}
        aria-labelledby={labelId}
        aria-describedby={missing.length > 0 ? `${descriptionId} ${id}-missing` : descriptionId}
        aria-invalid={problem !== null || missing.length > 0 || undefined}
        disabled={linked}
        title={text}
        data-missing={missing.length > 0 || undefined}
        data-dropping={upload.isOver || undefined}
        onClick={() => setSearch((now) => (now === null ? '' : null))}
        onKeyDown={isOpen ? undefined : press}
        {...upload.drop}
      >
        <span className="ellipsis">{text || t('widgets.choose')}</span>
        <ChevronDown size={13} aria-hidden />
      </button>
      {missing.length > 0 && (
        <span id={`${id}-missing`} className="visually-hidden">
          {t('widgets.missing', { value: missing.map(textOf).join(', ') })}
        </span>
      )}
      {isOpen && (
        <ChoicePopover
          id={`${id}-popover`}
          anchor={button}
          label={widget.label || widget.name}
          choices={choices}
          chosen={chosen}
          isMultiple={widget.multiselect}
          initialSearch={search}
          onPick={pick}
          onClose={close}
          onLeave={() => setSearch(null)}
        />
      )}
    </>
  );
}
