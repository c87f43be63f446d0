/** The list of completions: in a layer of its own beside the line of the cursor, which it never covers. */

import { History, Layers, Shapes } from 'lucide-react';
import { type RefObject, type SyntheticEvent, useEffect, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { lineOnScreen, spotBeside } from './caret';
import type { Suggestion } from './completion';
import type { PromptField } from './field';
import type { Open } from './useCompletion';

interface SuggestionsProps {
  readonly field: PromptField;
  readonly open: Open;
  readonly onPick: (suggestion: Suggestion) => void;
}

const ICONS = { embedding: Shapes, lora: Layers, used: History } as const;

/** The field keeps the keyboard, and what is done in the list is no gesture on the node behind it. */
const APART = {
  onPointerDown: (event: SyntheticEvent) => event.stopPropagation(),
  onMouseDown: (event: SyntheticEvent) => {
    event.preventDefault();
    event.stopPropagation();
  },
  onClick: (event: SyntheticEvent) => event.stopPropagation(),
  onDoubleClick: (event: SyntheticEvent) => event.stopPropagation(),
  onContextMenu: (event: SyntheticEvent) => event.stopPropagation(),
  onWheel: (event: SyntheticEvent) => event.stopPropagation(),
};

export function Suggestions({ field, open, onPick }: SuggestionsProps) {
  const { t } = useTranslation();
  const { area, id } = field;
  const { suggestions, marked, lack, query } = open;
  const box = useRef<HTMLDivElement>(null);
  const listId = `${id}-completions`;
  useSpot(box, area, query.from, open.at);
  useNamed(area, listId, marked);
  useEffect(() => {
    if (marked !== null) box.current?.querySelector('[data-marked]')?.scrollIntoView({ block: 'nearest' });
  }, [marked]);
  return createPortal(
    <div ref={box} className="prompt-completions nodrag nopan nowheel nokey" {...APART}>
      <div id={listId} role="listbox" aria-label={t('prompt.completions')} className="prompt-options">
        {suggestions.map((suggestion, index) => (
          <Option
            key={`${suggestion.kind} ${suggestion.from} ${suggestion.text}`}
            id={`${listId}-${index}`}
            suggestion={suggestion}
            isMarked={index === marked}
            onPick={onPick}
          />
        ))}
      </div>
      <p className="prompt-about">{aboutIn(open, t)}</p>
      <span className="visually-hidden" role="status">
        {lack === null ? t('prompt.found', { count: suggestions.length }) : t(`prompt.${lack}`)}
      </span>
    </div>,
    document.body,
  );
}

function aboutIn({ lack, query }: Open, t: (key: string) => string): string {
  if (lack !== null) return t(`prompt.${lack}`);
  return t(`prompt.about.${query.kind}`);
}

interface OptionProps {
  readonly id: string;
  readonly suggestion: Suggestion;
  readonly isMarked: boolean;
  readonly onPick: (suggestion: Suggestion) => void;
}

function Option({ id, suggestion, isMarked, onPick }: OptionProps) {
  const { t } = useTranslation();
  const { kind, text, count } = suggestion;
  const Icon = ICONS[kind];
  const detail =
    kind === 'lora' ? t('prompt.addsNode') : count === null ? '' : t(`prompt.count.${kind}`, { count });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field, which marks and picks options.
    // biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant.
    <div
      id={id}
      role="option"
      className="prompt-option"
      aria-selected={isMarked}
      data-marked={isMarked || undefined}
      title={text}
      onClick={() => onPick(suggestion)}
    >
      <Icon size={14} aria-hidden />
      <span className="ellipsis">{text}</span>
      {detail !== '' && <small>{detail}</small>}
    </div>
  );
}

/** Tells of the list at the field, which keeps its role: a text area may have no other. */
function useNamed(area: HTMLTextAreaElement, listId: string, marked: number | null): void {
  useLayoutEffect(() => {
    area.setAttribute('aria-controls', listId);
    if (marked === null) area.removeAttribute('aria-activedescendant');
    else area.setAttribute('aria-activedescendant', `${listId}-${marked}`);
    return () => {
      area.removeAttribute('aria-controls');
      area.removeAttribute('aria-activedescendant');
    };
  }, [area, listId, marked]);
}

/** Keeps the list beside the line while the canvas moves under it; measured anew only where something has moved. */
function useSpot(
  box: RefObject<HTMLDivElement | null>,
  area: HTMLTextAreaElement,
  from: number,
  at: number,
): void {
  useLayoutEffect(() => {
    let frame = 0;
    let before = '';
    const follow = (): void => {
      frame = requestAnimationFrame(follow);
      const list = box.current;
      if (list === null) return;
      const { left, top, width } = area.getBoundingClientRect();
      const seen = [left, top, width, area.scrollTop, innerWidth, innerHeight, list.childElementCount];
      const natural = list.scrollHeight;
      const now = `${seen.join(' ')} ${list.offsetWidth} ${natural}`;
      if (now === before) return;
      before = now;
      place(list, area, from, at);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [box, area, from, at]);
}

function place(list: HTMLElement, area: HTMLTextAreaElement, from: number, at: number): void {
  const cursor = lineOnScreen(area, at, 'before');
  const begin = lineOnScreen(area, from, 'behind');
  const line = Math.abs(begin.top - cursor.top) < 1 ? { ...cursor, left: begin.left } : cursor;
  list.style.maxHeight = '';
  const size = { width: list.offsetWidth, height: list.offsetHeight };
  const spot = spotBeside(line, size, { width: innerWidth, height: innerHeight });
  list.style.left = `${spot.left}px`;
  list.style.top = `${spot.top}px`;
  list.style.maxHeight = `${spot.most}px`;
}
