/** The keys of the whole mask editor. */

import type { KeyboardEvent } from 'react';

export interface MaskActions {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly save: () => void;
  readonly invert: () => void;
  readonly brush: () => void;
  readonly eraser: () => void;
  readonly hand: () => void;
  readonly swap: () => void;
  readonly larger: () => void;
  readonly smaller: () => void;
  readonly harder: () => void;
  readonly softer: () => void;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  readonly fit: () => void;
  readonly actual: () => void;
}

/** What the dialog asks of what is in it. */
export interface Inside {
  readonly leave: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

const PLAIN: Readonly<Record<string, keyof MaskActions>> = {
  b: 'brush',
  e: 'eraser',
  h: 'hand',
  x: 'swap',
  i: 'invert',
  ']': 'larger',
  '[': 'smaller',
  '}': 'harder',
  '{': 'softer',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  '0': 'fit',
  '1': 'actual',
};
/** The same places on keyboards that have no brackets there. */
const PLACES: Readonly<Record<string, keyof MaskActions>> = {
  BracketRight: 'larger',
  BracketLeft: 'smaller',
};

/** What a press of keys asks for, null for nothing of ours. */
export function actionOf(event: KeyboardEvent): keyof MaskActions | null {
  const key = event.key.toLowerCase();
  if (event.nativeEvent.isComposing) return null;
  if (event.ctrlKey || event.metaKey) {
    // Some keyboards make the brackets with AltGr, which is told as Ctrl and Alt.
    if (event.altKey) return event.getModifierState('AltGraph') ? (PLAIN[key] ?? null) : null;
    if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
    return key === 'y' ? 'redo' : key === 's' ? 'save' : null;
  }
  if (event.altKey) return PLAIN[event.key] ?? null;
  return PLAIN[key] ?? PLACES[event.code] ?? null;
}
