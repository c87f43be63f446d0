/** The completion of one prompt field: when it opens, what its keys do, what picking does. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { setValue } from '../../model/edit_nodes';
import { LORA_LOADER, loraPlace, withLora } from '../../model/insertLora';
import type { NodeId } from '../../model/types';
import { useDefinitions } from '../../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../../state/documents';
import { useSettings } from '../../state/settings';
import { completed, type Query, queryAt, type Suggestion, suggestionsFor } from './completion';
import type { PromptField } from './field';
import { knowledgeFor, type Served } from './knowledge';

/** Why nothing is offered for a name that was asked for. */
export type Lack = 'noEmbeddings' | 'noLoras' | 'noLoraNode' | 'noLoraPlace';

export interface Open {
  readonly query: Query;
  readonly at: number;
  readonly suggestions: readonly Suggestion[];
  /** Which one is picked by Enter; null for none. */
  readonly marked: number | null;
  readonly lack: Lack | null;
}

export interface Completion {
  readonly open: Open | null;
  readonly pick: (suggestion: Suggestion) => void;
}

const PAGE = 6;

export function useCompletion(
  field: PromptField,
  served: Served,
  onAdded: (lora: string) => void,
): Completion {
  const { area } = field;
  const [open, setOpen] = useState<Open | null>(null);
  const isWanted = useSettings((state) => state.completion);
  const pick = (suggestion: Suggestion): void => {
    setOpen(null);
    if (suggestion.kind === 'lora') {
      if (open !== null && addLora(field, suggestion, open.query)) onAdded(suggestion.text);
      return;
    }
    const { text, at } = completed(area.value, suggestion);
    field.put(text, at, at);
  };
  const now = useRef({ field, served, open, pick });
  now.current = { field, served, open, pick };
  const dismissed = useRef<string | null>(null);

  const look = useCallback((): void => {
    const next = opened(now.current.field, now.current.served);
    const isDismissed = next !== null && dismissed.current === nameOf(next.query);
    if (!isDismissed) dismissed.current = null;
    setOpen(isDismissed ? null : next);
  }, []);
  const press = useCallback((event: KeyboardEvent): void => {
    const { open: shown, pick: take } = now.current;
    if (shown === null || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const answer = answerTo(event, shown);
    if (answer === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (answer.kind === 'mark') setOpen({ ...shown, marked: answer.at });
    else if (answer.kind === 'pick') take(answer.suggestion);
    else {
      dismissed.current = nameOf(shown.query);
      setOpen(null);
    }
  }, []);
  useListening(area, isWanted, now, look, press, setOpen);
  return { open: isWanted ? open : null, pick };
}

interface Now {
  readonly current: { readonly open: Open | null };
}

function useListening(
  area: HTMLTextAreaElement,
  isWanted: boolean,
  now: Now,
  look: () => void,
  press: (event: KeyboardEvent) => void,
  setOpen: (open: null) => void,
): void {
  useEffect(() => {
    if (!isWanted) return;
    const input = (event: Event): void => {
      if (isTyped(event) || (isErased(event) && now.current.open !== null)) look();
      else setOpen(null);
    };
    const moved = (): void => {
      const { open } = now.current;
      if (open !== null && (area.selectionStart !== open.at || area.selectionEnd !== open.at)) setOpen(null);
    };
    const begin = (): void => setOpen(null);
    const pressed = (event: KeyboardEvent): void => {
      if (event.target === area) press(event);
    };
    // Before the canvas and the page: what a key does in the list it does nowhere else.
    window.addEventListener('keydown', pressed, { capture: true });
    area.addEventListener('input', input);
    area.addEventListener('compositionstart', begin);
    area.addEventListener('compositionend', look);
    document.addEventListener('selectionchange', moved);
    return () => {
      window.removeEventListener('keydown', pressed, { capture: true });
      area.removeEventListener('input', input);
      area.removeEventListener('compositionstart', begin);
      area.removeEventListener('compositionend', look);
      document.removeEventListener('selectionchange', moved);
    };
  }, [area, isWanted, now, look, press, setOpen]);
}

function nameOf(query: Query): string {
  return `${query.kind} ${query.kind === 'words' ? query.tag.from : query.from}`;
}

/** While an input method composes, its keys are its own; some browsers only tell by the code 229. */
function isComposing(event: KeyboardEvent | InputEvent): boolean {
  return event.isComposing || ('keyCode' in event && event.keyCode === 229);
}

/** A letter, or a piece of a word as keyboards on screens give them; nothing that was pasted or filled in. */
function isTyped(event: Event): boolean {
  if (!(event instanceof InputEvent) || isComposing(event)) return false;
  return event.inputType === 'insertText' && event.data !== null && !/\S\s+\S/u.test(event.data);
}

function isErased(event: Event): boolean {
  return event instanceof InputEvent && !isComposing(event) && event.inputType.startsWith('delete');
}

function opened(field: PromptField, served: Served): Open | null {
  const { area, node, widget } = field;
  const [text, at] = [area.value, area.selectionEnd];
  const query = area.selectionStart === at ? queryAt(text, at) : null;
  if (query === null) return null;
  const lack = lackFor(query, node.id, served);
  const known = knowledgeFor({ node, widget: widget.name }, text, query, served);
  const suggestions = lack === null ? suggestionsFor(text, query, known) : [];
  if (suggestions.length === 0 && lack === null) return null;
  // A name that was asked for is picked by Enter; of words somebody has to choose one first.
  const marked = query.kind === 'words' || suggestions.length === 0 ? null : 0;
  return { query, at, suggestions, marked, lack };
}

function lackFor(query: Query, node: NodeId, { embeddings }: Served): Lack | null {
  if (query.kind === 'words') return null;
  if (query.kind === 'embedding') return embeddings?.size === 0 ? 'noEmbeddings' : null;
  const definition = useDefinitions.getState().definitions.get(LORA_LOADER);
  if (definition === undefined) return 'noLoraNode';
  if (loraPlace(innerOf(activeDocument()), node) === null) return 'noLoraPlace';
  const choices = definition.inputs.find(({ name }) => name === 'lora_name')?.widget?.choices ?? [];
  return choices.length === 0 ? 'noLoras' : null;
}

type Answer =
  | { readonly kind: 'mark'; readonly at: number }
  | { readonly kind: 'pick'; readonly suggestion: Suggestion }
  | { readonly kind: 'dismiss' };

/** What a key does in the list; null for one that is left to the field. */
function answerTo({ key, shiftKey }: KeyboardEvent, { suggestions, marked }: Open): Answer | null {
  if (key === 'Escape') return { kind: 'dismiss' };
  const count = suggestions.length;
  if (count === 0 || shiftKey) return null;
  const taken = key === 'Tab' ? (marked ?? 0) : key === 'Enter' ? marked : null;
  const suggestion = taken === null ? undefined : suggestions[taken];
  if (suggestion !== undefined) return { kind: 'pick', suggestion };
  switch (key) {
    case 'ArrowDown':
      return { kind: 'mark', at: marked === null || marked + 1 >= count ? 0 : marked + 1 };
    case 'ArrowUp':
      return { kind: 'mark', at: marked === null || marked === 0 ? count - 1 : marked - 1 };
    case 'PageDown':
      return { kind: 'mark', at: Math.min(count - 1, (marked ?? 0) + PAGE) };
    case 'PageUp':
      return { kind: 'mark', at: Math.max(0, (marked ?? 0) - PAGE) };
    default:
      return null;
  }
}

/** Takes what was typed out of the prompt and puts the node into the workflow, in one step. Whether it could. */
function addLora({ area, node, widget, moveTo }: PromptField, suggestion: Suggestion, query: Query): boolean {
  const definition = useDefinitions.getState().definitions.get(LORA_LOADER);
  if (definition === undefined || query.kind !== 'lora') return false;
  const { text, at } = completed(area.value, suggestion);
  const lora = { name: suggestion.text, strength: query.strength };
  let isAdded = false;
  useDocuments.getState().edit('prompt.step.lora', (graph) => {
    const made = withLora(setValue(graph, node.id, widget.name, text), definition, node.id, lora);
    isAdded = made !== null;
    return made?.graph ?? graph;
  });
  if (isAdded) moveTo(at);
  return isAdded;
}
