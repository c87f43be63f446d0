/** A colour, picked or typed as `#rrggbb`. */

import { useTranslation } from 'react-i18next';
import { isComposing, useDraft } from './draft';
import type { ControlProps } from './types';
import { textOf } from './values';

const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/iu;

export function ColourField({ value, onChange, linked, problem, id, labelId, descriptionId }: ControlProps) {
  const { t } = useTranslation();
  const draft = useDraft(textOf(value));
  const type = (text: string, composing: boolean): void => {
    const isColour = !composing && COLOUR.test(text.trim());
    draft.type(text, isColour ? text.trim() : null);
    if (isColour) onChange(text.trim());
  };
  return (
    <span className="widget-colour">
      <input
        id={`${id}-picker`}
        className="nodrag"
        type="color"
        value={asPicked(draft.text)}
        disabled={linked}
        aria-label={t('widgets.pickColour')}
        aria-describedby={labelId}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <input
        id={id}
        className="nodrag widget-input"
        type="text"
        spellCheck={false}
        autoComplete="off"
        value={draft.text}
        disabled={linked}
        aria-describedby={descriptionId}
        aria-invalid={problem !== null || (draft.isTyping && !COLOUR.test(draft.text.trim())) || undefined}
        onChange={(event) => type(event.currentTarget.value, isComposing(event))}
        onCompositionEnd={(event) => type(event.currentTarget.value, false)}
        onBlur={draft.end}
      />
    </span>
  );
}

/** The browser's picker takes six digits only. */
function asPicked(text: string): string {
  const colour = text.trim().toLowerCase();
  if (!COLOUR.test(colour)) return '#000000';
  if (colour.length === 7) return colour;
  return `#${[...colour.slice(1)].map((digit) => digit + digit).join('')}`;
}
