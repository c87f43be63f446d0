/** Which part of the canvas no panel lies over. */

import type { Rectangle } from './view';

/** From this part of the width on a panel is a sheet over the lower part. */
const SHEET = 0.7;
interface Insets {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

export function insetsOf(frame: DOMRect): Insets {
  let [left, right, bottom] = [0, 0, 0];
  for (const panel of document.querySelectorAll('.side')) {
    const rect = panel.getBoundingClientRect();
    if (rect.width >= SHEET * frame.width) bottom = Math.max(bottom, frame.bottom - rect.top);
    else if (rect.left + rect.width / 2 < frame.left + frame.width / 2)
      left = Math.max(left, rect.right - frame.left);
    else right = Math.max(right, frame.right - rect.left);
  }
  return { left, right, bottom };
}

/** The part of the canvas that no panel covers, from its upper left corner. */
export function freeArea(root: Element | null): Rectangle {
  if (root === null) return { x: 0, y: 0, width: 0, height: 0 };
  const frame = root.getBoundingClientRect();
  const { left, right, bottom } = insetsOf(frame);
  return {
    x: left,
    y: 0,
    width: Math.max(1, frame.width - left - right),
    height: Math.max(1, frame.height - bottom),
  };
}
