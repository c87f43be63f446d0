/** Combinations of keys as text: read from a press, compared with others, and which of them nobody can have. */

export const MODIFIER_KEYS: ReadonlySet<string> = new Set([
  ...['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'NumLock', 'ScrollLock', 'Fn', 'FnLock'],
  ...['OS', 'Hyper', 'Super', 'Dead', 'Process', 'Unidentified', 'Compose'],
]);
const LONGEST = 40;

/** One press in parts, whatever it was written as. */
interface Press {
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly key: string;
}

/** Keys by the place on the keyboard, and what they write on most of them. */
const PLACES: Readonly<Record<string, string>> = {
  equal: '=',
  minus: '-',
  comma: ',',
  period: '.',
  slash: '/',
  semicolon: ';',
  quote: "'",
  bracketleft: '[',
  bracketright: ']',
  backslash: '\\',
  backquote: '`',
  ' ': 'space',
  numpadadd: 'numpad+',
  numpadenter: 'enter',
};
/** Signs that are written with Shift. */
const SHIFTED: Readonly<Record<string, string>> = { '?': '/', ':': ';', '<': ',', '>': '.' };

export function onMac(): boolean {
  return /Mac|iP(?:hone|ad|od)/u.test(globalThis.navigator?.platform ?? '');
}

/** What was pressed as tinykeys writes it, null for no more than modifiers so far. */
export function pressed(event: KeyboardEvent, isMac: boolean = onMac()): string | null {
  if (MODIFIER_KEYS.has(event.key) || event.isComposing || event.keyCode === 229) return null;
  const modifiers = [
    (isMac ? event.metaKey : event.ctrlKey) && '$mod',
    isMac && event.ctrlKey && 'Control',
    !isMac && event.metaKey && 'Meta',
    event.altKey && 'Alt',
    event.shiftKey && 'Shift',
  ].filter((each) => each !== false);
  return [...modifiers, keyOf(event)].join('+');
}

/** Letters by what they write, other signs and what Alt changes by their place. */
function keyOf({ key, code, altKey }: KeyboardEvent): string {
  if (key.length > 1) return key;
  const isLetter = /^[a-z]$/iu.test(key) && !altKey;
  return isLetter || code === '' ? key.toLowerCase() : code;
}

function parsed(keys: string, isMac: boolean): Press | null {
  const parts = keys.split(/(?<=[\w\]$])\+/u);
  const last = parts.pop() ?? '';
  if (last === '' || keys.length > LONGEST || /\s./u.test(keys)) return null;
  const names = new Set(parts.map((part) => part.replace(/^\[|\]$/gu, '')));
  const isKnown = [...names].every((name) => ['$mod', 'Control', 'Meta', 'Alt', 'Shift'].includes(name));
  if (!isKnown || MODIFIER_KEYS.has(last)) return null;
  const key = placed(last.toLowerCase());
  return {
    ctrl: names.has('Control') || (names.has('$mod') && !isMac),
    meta: names.has('Meta') || (names.has('$mod') && isMac),
    alt: names.has('Alt'),
    shift: names.has('Shift') || key in SHIFTED,
    key: SHIFTED[key] ?? key,
  };
}

function placed(key: string): string {
  const written = /^(?:key|digit)(.)$/u.exec(key)?.[1];
  return written ?? PLACES[key] ?? key;
}

/** The same text for all ways to write a combination; null for what is none. */
export function canonical(keys: string, isMac: boolean = onMac()): string | null {
  const press = parsed(keys, isMac);
  if (press === null) return null;
  const { ctrl, meta, alt, shift, key } = press;
  return [ctrl && 'ctrl', meta && 'meta', alt && 'alt', shift && 'shift', key]
    .filter((each) => each !== false)
    .join('+');
}

/** Whether these keys may do something while text is typed: those that write nothing. */
export function isSilent(keys: string): boolean {
  const press = parsed(keys, onMac());
  return press !== null && (press.ctrl || press.meta || press.alt || /^f\d+$/u.test(press.key));
}

const OF_BROWSER: readonly string[] = [
  ...['w', 't', 'n', 'shift+w', 'shift+t', 'shift+n', 'shift+p', 'q', 'shift+q', 'r', 'shift+r', 'l'],
  ...['shift+i', 'shift+j', 'f4', 'f5'],
].map((keys) => `mod+${keys}`);
const ALWAYS: ReadonlySet<string> = new Set([
  ...['f5', 'f11', 'f12', 'alt+f4', 'alt+arrowleft', 'alt+arrowright', 'ctrl+tab', 'ctrl+shift+tab'],
  ...['ctrl+pageup', 'ctrl+pagedown'],
]);
/** What moves about in every page and every list, with Shift and without. */
const OF_PAGE: ReadonlySet<string> = new Set([
  ...['tab', 'enter', 'space', 'escape', 'arrowup', 'arrowdown', 'arrowleft', 'arrowright'],
]);

export type Refusal = 'browser' | 'page' | 'nonsense';

/** Why no command can have these keys; null for keys that one can have. */
export function refusalOf(keys: string, isMac: boolean = onMac()): Refusal | null {
  const known = canonical(keys, isMac);
  if (known === null) return 'nonsense';
  const mod = isMac ? 'meta' : 'ctrl';
  const ofBrowser = OF_BROWSER.some((each) => each.replace('mod', mod) === known);
  if (ofBrowser || ALWAYS.has(known) || (!isMac && known.includes('meta+'))) return 'browser';
  return OF_PAGE.has(known.replace(/^shift\+/u, '')) ? 'page' : null;
}
