/** A finger that stays where it is opens the menu, also in browsers that do not say so themselves. */

import { type RefObject, useEffect } from 'react';
import type { Point } from '../model/types';

const LONG_MILLISECONDS = 500;
/** A finger is never quite still. */
const STILL = 10;
/** Within these a long press selects text. */
const TEXT = 'input, textarea, [contenteditable="true"]';

interface Press {
  readonly id: number;
  readonly at: Point;
  readonly timer: ReturnType<typeof setTimeout>;
}

export function useLongPress(root: RefObject<HTMLElement | null>): void {
  useEffect(() => (root.current === null ? undefined : listenLongPress(root.current)), [root]);
}

/** Returns what ends it. */
export function listenLongPress(root: HTMLElement): () => void {
  let press: Press | null = null;
  const end = (): void => {
    if (press !== null) clearTimeout(press.timer);
    press = null;
  };
  const begin = (event: PointerEvent): void => {
    const isSecond = press !== null;
    end();
    const target = event.target;
    if (event.pointerType !== 'touch' || isSecond || !(target instanceof Element)) return;
    if (target.closest(TEXT) !== null) return;
    const at: Point = [event.clientX, event.clientY];
    press = { id: event.pointerId, at, timer: setTimeout(() => menuAt(target, at), LONG_MILLISECONDS) };
  };
  const move = (event: PointerEvent): void => {
    if (press === null || event.pointerId !== press.id) return;
    if (Math.hypot(event.clientX - press.at[0], event.clientY - press.at[1]) > STILL) end();
  };
  const stop = new AbortController();
  const options = { capture: true, signal: stop.signal };
  root.addEventListener('pointerdown', begin, options);
  window.addEventListener('pointermove', move, options);
  for (const name of ['pointerup', 'pointercancel', 'contextmenu'] as const)
    window.addEventListener(name, end, options);
  return () => {
    end();
    stop.abort();
  };
}

function menuAt(target: Element, [clientX, clientY]: Point): void {
  if (!target.isConnected) return;
  target.dispatchEvent(
    new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX, clientY, button: 2 }),
  );
}
