/** A number: drag it sideways, click to type, or use the arrow keys. */

import { type CSSProperties, type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Widget } from '../model/definition';
import { fitted } from '../model/schema';
import type { Json } from '../model/types';
import { type Draft, isComposing, useDraft } from './draft';
import { numberText, parsedNumber, partOf, stepped } from './numbers';
import type { ControlProps } from './types';
import { useNumberDrag } from './useNumberDrag';

const STEPS: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
/** Longer ones may be cut off. */
const SHORT = 12;

export function NumberField(props: ControlProps) {
  const { widget, value, linked, problem, id, descriptionId } = props;
  const { t } = useTranslation();
  const { draft, step, type, press, begin } = useNumber(props);
  const drag = useNumberDrag(props, step);
  const part = widget.options.display === 'slider' ? partOf(value, widget) : null;
  const hint = linked ? '' : t('widgets.dragHint');
  return (
    <input
      id={id}
      className="nodrag widget-input widget-number"
      type="text"
      inputMode={widget.kind === 'integer' ? 'numeric' : 'decimal'}
      role="spinbutton"
      autoComplete="off"
      spellCheck={false}
      value={draft.text}
      title={draft.text.length > SHORT ? `${draft.text}\n${hint}` : hint}
      disabled={linked}
      aria-describedby={descriptionId}
      aria-invalid={problem !== null || isWrong(draft, value, widget) || undefined}
      aria-valuenow={asNumber(value)}
      aria-valuemin={asNumber(widget.minimum)}
      aria-valuemax={asNumber(widget.maximum)}
      aria-valuetext={draft.text || undefined}
      data-part={part === null ? undefined : true}
      style={part === null ? undefined : ({ '--part': `${part * 100}%` } as CSSProperties)}
      onFocus={begin}
      onChange={(event) => type(event.currentTarget.value, isComposing(event))}
      onCompositionEnd={(event) => type(event.currentTarget.value, false)}
      onBlur={draft.end}
      onKeyDown={press}
      {...drag}
    />
  );
}

/** What typing and keys do to the value. */
function useNumber({ widget, value, onChange }: ControlProps) {
  const draft = useDraft(numberText(value, widget));
  const atStart = useRef<Json>(value);
  const put = (next: Json): void => {
    if (next !== value) onChange(next);
  };
  const step = (from: Json, steps: number): void => {
    draft.end();
    put(fitted(widget, stepped(from, widget, steps)));
  };
  const type = (text: string, composing: boolean): void => {
    const number = composing ? null : parsedNumber(text, kindOf(widget));
    const next = number === null ? null : fitted(widget, number);
    draft.type(text, next === null ? null : numberText(next, widget));
    if (next !== null) put(next);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = STEPS[event.key];
    if (steps !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      step(value, event.shiftKey ? steps * 10 : steps);
    } else if (event.key === 'Enter') {
      draft.end();
      event.currentTarget.select();
    } else if (event.key === 'Escape' && draft.isTyping) {
      event.stopPropagation();
      draft.end();
      put(atStart.current);
    }
  };
  const begin = (): void => {
    atStart.current = value;
  };
  return { draft, step, type, press, begin };
}

function kindOf(widget: Widget): 'integer' | 'float' {
  return widget.kind === 'integer' ? 'integer' : 'float';
}

/** What is typed is no number, or what a file holds is none. */
function isWrong(draft: Draft, value: Json, widget: Widget): boolean {
  if (draft.isTyping) return parsedNumber(draft.text, kindOf(widget)) === null;
  return typeof value !== 'number' && typeof value !== 'bigint';
}

/** For attributes, which take no more than a double. */
function asNumber(value: Json): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
