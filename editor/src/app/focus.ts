/** Keeps the keyboard somewhere: when what had it goes away, what is nearest gets it; and leads it from part to part. */

import { canvas } from '../canvas/controls';
import { activeDocument } from '../state/documents';

const FOCUSABLE = [
  ...['button:not(:disabled, [tabindex="-1"])', '[href]', 'input:not(:disabled)', 'textarea:not(:disabled)'],
  ...['select:not(:disabled)', '[tabindex="0"]'],
].join(', ');
/** The parts of the page in the order of reading. */
const PARTS = ['.top-bar', '.rail', '.side.left', '.app-canvas', '.side.right'];
const WHOLE = [...PARTS, '[role="dialog"]', '[role="menu"]'].join(', ');
const MOST_REMEMBERED = 16;

/** Where something stood, so that its place is found again when it is no longer there. */
interface Place {
  readonly element: HTMLElement;
  /** From its parent up to the part of the page it is in. */
  readonly above: readonly Step[];
}

interface Step {
  readonly parent: Element;
  /** Which child of it led there. */
  readonly index: number;
  /** The how-manieth thing in that child that takes the keyboard. */
  readonly order: number;
}

function placeOf(element: HTMLElement): Place {
  const whole = element.closest(WHOLE);
  const above: Step[] = [];
  for (
    let each: Element = element;
    each.parentElement !== null && each !== whole;
    each = each.parentElement
  ) {
    const index = [...each.parentElement.children].indexOf(each);
    const order = [...each.querySelectorAll(FOCUSABLE)].indexOf(element);
    above.push({ parent: each.parentElement, index, order });
  }
  return { element, above: whole === null ? [] : above };
}

/** Of the same kind as what went, in what now stands in its place. */
function successorIn({ parent, index, order }: Step): HTMLElement | null {
  const next = parent.children[Math.min(index, parent.children.length - 1)] ?? parent;
  const alike = [...next.querySelectorAll<HTMLElement>(FOCUSABLE)];
  return alike[order] ?? alike[0] ?? null;
}

function successor({ above }: Place): HTMLElement | null {
  for (const step of above) {
    const isThere = step.parent.isConnected && step.parent.closest('.app-canvas') === null;
    const found = isThere ? successorIn(step) : null;
    if (found !== null) return found;
  }
  return null;
}

/** The node that is selected, where it is on the screen, else the canvas as a whole. */
export function focusCanvas(): void {
  const [id] = activeDocument().selection.nodes;
  const node =
    id === undefined ? null : document.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
  const found = node ?? document.querySelector('.flow');
  if (found instanceof HTMLElement) found.focus({ preventScroll: true });
}

function give(place: Place, earlier: readonly Place[]): void {
  const next = successor(place);
  if (next !== null) {
    next.focus({ preventScroll: true });
    return;
  }
  const isGone = place.above.every(({ parent }) => !parent.isConnected);
  if (!isGone || !earlier.toReversed().some(({ element }) => takes(element))) focusCanvas();
}

/** Whether it has the keyboard now: what is hidden or switched off does not take it. */
function takes(element: HTMLElement): boolean {
  if (element.isConnected) element.focus({ preventScroll: true });
  return document.activeElement === element;
}

function partNext(back: boolean): HTMLElement | null {
  const there = PARTS.flatMap((part) => document.querySelector<HTMLElement>(part) ?? []);
  const at = there.findIndex((part) => part.contains(document.activeElement));
  const next = at < 0 ? there.findIndex((part) => part.matches('.app-canvas')) : at + (back ? -1 : 1);
  return there[(next + there.length) % there.length] ?? null;
}

/** To the next part of the page, or the one before it. */
export function goToPart(back: boolean): void {
  const part = partNext(back);
  if (part === null) return;
  if (part.matches('.app-canvas')) focusCanvas();
  else (part.querySelector<HTMLElement>(FOCUSABLE) ?? part).focus();
}

/** Into a panel that was opened by the keyboard; somebody with a mouse keeps the canvas. */
export function enterPanel(panel: HTMLElement | null): void {
  const active = document.activeElement;
  const isByKeys = active !== null && active !== document.body && active.matches(':focus-visible');
  if (panel !== null && isByKeys) panel.focus({ preventScroll: true });
}

/** Returns what ends it. */
export function keepFocus(): () => void {
  const end = new AbortController();
  let places: readonly Place[] = [];
  const look = (): void => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const lost = places.at(-1);
    // Somebody clicked on nothing: that is no loss.
    if (lost === undefined || lost.element.isConnected) return;
    const earlier = places.slice(0, -1);
    places = earlier;
    give(lost, earlier);
  };
  const note = (event: FocusEvent): void => {
    if (!(event.target instanceof HTMLElement) || event.target === document.body) return;
    const element = event.target;
    places = [...places.filter((each) => each.element !== element), placeOf(element)].slice(-MOST_REMEMBERED);
  };
  const options = { capture: true, signal: end.signal };
  document.addEventListener('focusin', note, options);
  document.addEventListener('focusout', () => setTimeout(look, 0), options);
  document.addEventListener('keydown', look, options);
  return () => end.abort();
}

/** For a link at the top of the page that leads past the bars. */
export function skipToCanvas(): void {
  const [first] = activeDocument().selection.nodes;
  if (first === undefined) focusCanvas();
  else canvas().focusNode(first);
}
