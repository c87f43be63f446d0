/** The entries a choice offers, and which of them fit what was typed to search. */

import type { Widget } from '../model/definition';
import { sameJson } from '../model/json';
import type { Json } from '../model/types';
import { textOf } from './values';

export interface Choice {
  readonly value: Json;
  readonly text: string;
  /** It stands in the workflow but not in the list of the server. */
  readonly isMissing: boolean;
}

/** Of one that takes several: those that are chosen; else the one value. */
export function chosenValues(widget: Widget, value: Json): readonly Json[] {
  if (!widget.multiselect) return value === null ? [] : [value];
  if (Array.isArray(value)) return value as readonly Json[];
  return value === null || value === '' ? [] : [value];
}

/** `a.png [output]`: where files can be chosen, one of another folder is named so, and the lists have none of them. */
const ANNOTATED = /\S\s*\[(?:input|output|temp)\]$/u;

export function isKnownChoice(widget: Widget, value: Json): boolean {
  if (widget.upload !== null && typeof value === 'string' && ANNOTATED.test(value)) return true;
  return isListed(widget, value);
}

function isListed(widget: Widget, value: Json): boolean {
  return widget.choices.some((choice) => choice === value || sameJson(choice, value));
}

/** What the server offers, after the values of this node that it does not know. */
export function choicesOf(widget: Widget, value: Json): readonly Choice[] {
  const unlisted = chosenValues(widget, value).filter((chosen) => !isListed(widget, chosen));
  return [
    ...unlisted.map((each) => ({ value: each, text: textOf(each), isMissing: !isKnownChoice(widget, each) })),
    ...widget.choices.map((each) => ({ value: each, text: textOf(each), isMissing: false })),
  ];
}

/** Those that hold every word that was typed; first those that begin with it. */
export function found(choices: readonly Choice[], search: string): readonly Choice[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return choices;
  const words = wanted.split(/\s+/u);
  const fitting = choices.filter(({ text }) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
  const isFirst = ({ text }: Choice): boolean => text.toLowerCase().startsWith(wanted);
  return [...fitting.filter(isFirst), ...fitting.filter((choice) => !isFirst(choice))];
}

/** What the node gets when an entry is picked. */
export function picked(widget: Widget, value: Json, choice: Json): Json {
  if (!widget.multiselect) return choice;
  const chosen = chosenValues(widget, value);
  const rest = chosen.filter((each) => !sameJson(each, choice));
  return rest.length < chosen.length ? rest : [...chosen, choice];
}
