/** Text on one line or many; what an input method composes is handed on once it is done. */

import { type KeyboardEvent, lazy, Suspense, useLayoutEffect, useRef, useState } from 'react';
import { useSettings } from '../state/settings';
import { isComposing, useDraft } from './draft';
import { statusId } from './prompt/field';
import { isPrompt } from './prompt/isPrompt';
import { endOfChange, textAfterStep, wayOf } from './textHistory';
import type { ControlProps } from './types';
import { textOf } from './values';
import { weighted } from './weights';

const PromptHelps = lazy(() => import('./prompt/PromptHelps'));

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

export function TextField(props: ControlProps) {
  const { node, widget, linked, problem, id, descriptionId } = props;
  const { draft, area, type, put, moveTo, press } = useText(props);
  const [focused, setFocused] = useState<HTMLTextAreaElement | null>(null);
  const hasHelps = isPrompt(node, widget);
  return (
    <>
      <textarea
        id={id}
        ref={area}
        className="nodrag nopan nowheel widget-input widget-text"
        data-prompt={hasHelps || undefined}
        value={draft.text}
        placeholder={typeof widget.options.placeholder === 'string' ? widget.options.placeholder : undefined}
        disabled={linked}
        aria-describedby={hasHelps && focused ? `${descriptionId} ${statusId(id)}` : descriptionId}
        aria-invalid={problem !== null || undefined}
        aria-autocomplete={hasHelps ? 'list' : undefined}
        aria-haspopup={hasHelps ? 'listbox' : undefined}
        aria-keyshortcuts="Control+ArrowUp Control+ArrowDown"
        onChange={(event) => type(event.currentTarget.value, isComposing(event))}
        onCompositionEnd={(event) => type(event.currentTarget.value, false)}
        onFocus={(event) => setFocused(event.currentTarget)}
        onBlur={() => {
          setFocused(null);
          draft.end();
        }}
        onKeyDown={press}
      />
      {hasHelps && focused !== null && !linked && (
        <Suspense fallback={null}>
          <PromptHelps
            area={focused}
            id={id}
            node={node}
            widget={widget}
            text={draft.text}
            put={put}
            moveTo={moveTo}
          />
        </Suspense>
      )}
    </>
  );
}

/** The text with what keys do to it: weights, and steps of the history. */
function useText({ node, widget, value, onChange }: ControlProps) {
  const draft = useDraft(textOf(value));
  const area = useRef<HTMLTextAreaElement>(null);
  const toSelect = useRef<readonly [number, number] | null>(null);
  const weightStep = useSettings((state) => state.weightStep);
  useLayoutEffect(() => {
    if (toSelect.current === null) return;
    area.current?.setSelectionRange(...toSelect.current);
    toSelect.current = null;
  });

  const type = (text: string, composing: boolean): void => {
    draft.type(text, composing ? null : text);
    if (!composing) onChange(text);
  };
  const put = (text: string, start: number, end: number): void => {
    toSelect.current = [start, end];
    type(text, false);
  };
  const moveTo = (at: number): void => {
    toSelect.current = [at, at];
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event)) return;
    const { value: text, selectionStart: start, selectionEnd: end } = event.currentTarget;
    const way = wayOf(event);
    const then = way === null ? null : textAfterStep(node.id, widget.name, way);
    const direction = directionOf(event);
    if (then === null && direction === 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (then !== null) moveTo(endOfChange(text, then));
    const changed = direction === 0 ? null : weighted({ text, start, end }, direction * weightStep);
    if (changed !== null) put(changed.text, changed.start, changed.end);
  };
  return { draft, area, type, put, moveTo, press };
}

/** Whether a key press raises (1) or lowers (-1) the weight of what is selected; 0 for any other key. */
function directionOf(event: KeyboardEvent): -1 | 0 | 1 {
  if ((!event.ctrlKey && !event.metaKey) || event.altKey || event.shiftKey) return 0;
  if (event.key === 'ArrowUp') return 1;
  return event.key === 'ArrowDown' ? -1 : 0;
}
