/** Text on one line or many; what an input method composes is handed on once it is done. */

import { type KeyboardEvent, useLayoutEffect, useRef } from 'react';
import { isComposing, useDraft } from './draft';
import type { ControlProps } from './types';
import { textOf } from './values';
import { WEIGHT_STEP, weighted } from './weights';

export function LineField({ value, onChange, linked, problem, id, descriptionId }: ControlProps) {
  const draft = useDraft(textOf(value));
  const type = (text: string, composing: boolean): void => {
    draft.type(text, composing ? null : text);
    if (!composing) onChange(text);
  };
  return (
    <input
      id={id}
      className="nodrag widget-input"
      type="text"
      autoComplete="off"
      value={draft.text}
      disabled={linked}
      aria-describedby={descriptionId}
      aria-invalid={problem !== null || undefined}
      onChange={(event) => type(event.currentTarget.value, isComposing(event))}
      onCompositionEnd={(event) => type(event.currentTarget.value, false)}
      onBlur={draft.end}
    />
  );
}

export function TextField({ widget, value, onChange, linked, problem, id, descriptionId }: ControlProps) {
  const draft = useDraft(textOf(value));
  const area = useRef<HTMLTextAreaElement>(null);
  const toSelect = useRef<readonly [number, number] | null>(null);
  useLayoutEffect(() => {
    if (toSelect.current === null) return;
    area.current?.setSelectionRange(...toSelect.current);
    toSelect.current = null;
  });

  const type = (text: string, composing: boolean): void => {
    draft.type(text, composing ? null : text);
    if (!composing) onChange(text);
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const by = weightOf(event);
    if (by === null || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const { value: text, selectionStart: start, selectionEnd: end } = event.currentTarget;
    const changed = weighted({ text, start, end }, by);
    if (changed === null) return;
    toSelect.current = [changed.start, changed.end];
    type(changed.text, false);
  };
  return (
    <textarea
      id={id}
      ref={area}
      className="nodrag nopan nowheel widget-input widget-text"
      value={draft.text}
      placeholder={typeof widget.options.placeholder === 'string' ? widget.options.placeholder : undefined}
      disabled={linked}
      aria-describedby={descriptionId}
      aria-invalid={problem !== null || undefined}
      aria-keyshortcuts="Control+ArrowUp Control+ArrowDown"
      onChange={(event) => type(event.currentTarget.value, isComposing(event))}
      onCompositionEnd={(event) => type(event.currentTarget.value, false)}
      onBlur={draft.end}
      onKeyDown={press}
    />
  );
}

/** By how much a key press changes the weight of what is selected; null for any other key. */
function weightOf(event: KeyboardEvent): number | null {
  if ((!event.ctrlKey && !event.metaKey) || event.altKey || event.shiftKey) return null;
  if (event.key === 'ArrowUp') return WEIGHT_STEP;
  return event.key === 'ArrowDown' ? -WEIGHT_STEP : null;
}
