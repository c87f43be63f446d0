/** Keeps the canvas over the picture as the mask, the view and the look are. */

import { type RefObject, useLayoutEffect, useRef } from 'react';
import type { Size } from '../../model/types';
import { type Look, type Overlay, overlayOn } from './overlay';
import type { Mask } from './tiles';
import type { View } from './view';

/** Returns what shows a mask in the making in place of the given one, or with null the given one again. */
export function useOverlay(
  canvas: RefObject<HTMLCanvasElement | null>,
  mask: Mask,
  view: View,
  [width, height]: Size,
  { colour, opacity }: Look,
): (inHand: Mask | null) => void {
  const overlay = useRef<Overlay | null>(null);
  const inHand = useRef<Mask | null>(null);
  const frame = useRef(0);
  const draw = useRef(() => {});
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    overlay.current ??= overlayOn(element);
    const ratio = window.devicePixelRatio || 1;
    const size = [Math.round(width * ratio), Math.round(height * ratio)] as const;
    if (element.width !== size[0]) element.width = size[0];
    if (element.height !== size[1]) element.height = size[1];
    draw.current = () => overlay.current?.draw(inHand.current ?? mask, view, { colour, opacity });
    draw.current();
  }, [canvas, mask, view, width, height, colour, opacity]);
  useLayoutEffect(() => () => cancelAnimationFrame(frame.current), []);
  return (next) => {
    inHand.current = next;
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => draw.current());
  };
}
