/** Gives the keyboard back when the mask editor closes: to what opened it, else to the node it was for. */

import type { NodeId } from '../../model/types';

/** What opened it may be gone, such as an item of a menu: the page would then have the keyboard. */
export function focusAfter(node: NodeId): void {
  setTimeout(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const element = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(node)}"]`);
    element?.focus({ preventScroll: true });
  }, 0);
}
