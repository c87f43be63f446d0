/** Binds the keys of the commands to the page, but not while text is being typed or composed. */

import { tinykeys } from 'tinykeys';
import { isSilent, onMac } from './combinations';
import type { Command } from './types';

const FIELD = 'input, textarea, select, [contenteditable="true"], [contenteditable=""]';
/** Within these, keys belong to what is open. */
const OPEN = '[role="dialog"], [role="menu"], [role="listbox"]';

/** What the space bar presses; elsewhere than on the canvas it may scroll as well. */
const CONTROL = 'button, a[href], summary, audio, video, [role="button"], [role="tab"], [role="slider"]';
const CANVAS = '.app-canvas';

/** Returns what takes them away again. */
export function bindShortcuts(commands: readonly Command[], target: Window = window): () => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const command of commands) {
    for (const keys of command.native === true ? [] : command.keys) {
      bindings[keys] = (event) => handle(command, event, command.inFields === true && isSilent(keys));
    }
  }
  return tinykeys(target, bindings, { ignore: isComposing });
}

/** While an input method composes, its keys are not ours; some browsers only tell by the code 229. */
function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

function handle(command: Command, event: KeyboardEvent, inFields: boolean): void {
  if (event.defaultPrevented || (event.repeat && !REPEATABLE.has(command.id))) return;
  const element = event.target instanceof Element ? event.target : null;
  if (!inFields && (element?.closest(FIELD) ?? null) !== null) return;
  if ((element?.closest(OPEN) ?? null) !== null) return;
  if (event.key === ' ' && !isFree(element)) return;
  if (command.when?.() === false) return;
  event.preventDefault();
  void command.run();
}

/** Whether the space bar means nothing else there: on a node, on the canvas, or where nothing has the keyboard. */
function isFree(element: Element | null): boolean {
  if (element === null || element === document.body) return true;
  return element.closest(CANVAS) !== null && element.closest(CONTROL) === null;
}

const REPEATABLE: ReadonlySet<string> = new Set(['edit.undo', 'edit.redo', 'view.zoomIn', 'view.zoomOut']);

const NAMES: Readonly<Record<string, string>> = {
  Enter: '↵',
  Delete: 'Del',
  Backspace: '⌫',
  Equal: '=',
  Escape: 'Esc',
  Minus: '−',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Semicolon: ';',
  Quote: "'",
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
  Backquote: '`',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
};

/** A key press as it is shown: `$mod+Shift+z` → `Ctrl+Shift+Z`. */
export function shownKeys(keys: string, isMac: boolean = onMac()): string {
  const parts = keys.split(/(?<=[\w\]])\+/u).filter((part) => !part.startsWith('['));
  return parts.map((part) => shownKey(part, isMac)).join(isMac ? '' : '+');
}

function shownKey(part: string, isMac: boolean): string {
  if (part === '$mod') return isMac ? '⌘' : 'Ctrl';
  if (part === 'Alt' && isMac) return '⌥';
  if (part === 'Control') return isMac ? '⌃' : 'Ctrl';
  if (part === 'Shift' && isMac) return '⇧';
  const letter = /^(?:Key|Digit)(.)$/u.exec(part)?.[1];
  const name = letter ?? NAMES[part] ?? part;
  return name.length === 1 ? name.toUpperCase() : name;
}

/** The same for `aria-keyshortcuts`, undefined for none. */
export function ariaKeys(all: readonly string[], isMac: boolean = onMac()): string | undefined {
  const named = all.map((keys) =>
    keys
      .split(/(?<=[\w\]$])\+/u)
      .filter((part) => !part.startsWith('['))
      .map((part) => (part === '$mod' ? (isMac ? 'Meta' : 'Control') : ariaKey(part)))
      .join('+'),
  );
  return named.length === 0 ? undefined : named.join(' ');
}

function ariaKey(part: string): string {
  const letter = /^(?:Key|Digit)(.)$/u.exec(part)?.[1];
  const sign = NAMES[part];
  return letter ?? (sign !== undefined && /^[\x20-\x7e]$/u.test(sign) ? sign : part === 'Minus' ? '-' : part);
}
