/** A value of a kind that the editor does not know: shown as what it is, text or JSON, and never lost. */

import { parseJson } from '../model/json';
import type { Json } from '../model/types';
import { BooleanField } from './BooleanField';
import { isComposing, useDraft } from './draft';
import { LineField } from './TextField';
import type { ControlProps } from './types';
import { textOf } from './values';

export function CustomField(props: ControlProps) {
  if (typeof props.value === 'boolean') return <BooleanField {...props} />;
  if (typeof props.value === 'string') return <LineField {...props} />;
  return <JsonField {...props} />;
}

function JsonField({ value, onChange, linked, problem, id, descriptionId }: ControlProps) {
  const draft = useDraft(textOf(value));
  const type = (text: string, composing: boolean): void => {
    const parsed = composing ? undefined : jsonIn(text);
    draft.type(text, parsed === undefined ? null : textOf(parsed));
    if (parsed !== undefined) onChange(parsed);
  };
  return (
    <input
      id={id}
      className="nodrag widget-input widget-json"
      type="text"
      spellCheck={false}
      autoComplete="off"
      value={draft.text}
      disabled={linked}
      aria-describedby={descriptionId}
      aria-invalid={problem !== null || (draft.isTyping && jsonIn(draft.text) === undefined) || undefined}
      onChange={(event) => type(event.currentTarget.value, isComposing(event))}
      onCompositionEnd={(event) => type(event.currentTarget.value, false)}
      onBlur={draft.end}
    />
  );
}

/** Only what stays of its kind is taken while it is typed, so that the field stays the same. */
function jsonIn(text: string): Json | undefined {
  try {
    const parsed = parseJson(text);
    return typeof parsed === 'string' || typeof parsed === 'boolean' ? undefined : parsed;
  } catch {
    return undefined;
  }
}
