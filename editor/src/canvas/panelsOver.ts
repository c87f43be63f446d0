/** Panels open over the canvas: nothing on it moves, and a selection that was seen stays so. */

import { useReactFlow } from '@xyflow/react';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { useInterface } from '../app/interface';
import { activeDocument } from '../state/documents';
import { freeArea, insetsOf } from './freeArea';
import { rectanglesOf } from './rectangles';
import { currentGraph } from './useGestures';
import { boundsOf, contains, type Rectangle, wayInto } from './view';

/** How far what is shown again stays away from a panel. */
const AWAY = 16;

/** For what stands in the corners of the canvas. */
function tellInsets(root: HTMLElement): void {
  const host = root.closest<HTMLElement>('.app-canvas') ?? root;
  const { left, right } = insetsOf(root.getBoundingClientRect());
  host.style.setProperty('--inset-left', `${left}px`);
  host.style.setProperty('--inset-right', `${right}px`);
}

/** The view stays where it is; only a selection that was seen whole and is no longer brings it along. */
export function usePanelsOver(root: RefObject<HTMLElement | null>): void {
  const flow = useReactFlow();
  const left = useInterface((state) => state.left);
  const right = useInterface((state) => state.right);
  const before = useRef<Rectangle | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the panels are measured anew when others are open
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    const measure = (): void => {
      tellInsets(element);
      before.current = freeArea(element);
    };
    const old = before.current;
    measure();
    if (old !== null) reveal(old, freeArea(element));
    const observer = new ResizeObserver(measure);
    for (const panel of [element, ...document.querySelectorAll('.side')]) observer.observe(panel);
    return () => observer.disconnect();

    function reveal(was: Rectangle, is: Rectangle): void {
      const chosen = boundsOf(rectanglesOf(currentGraph(), activeDocument().selection.nodes));
      if (chosen === null) return;
      const { x, y, zoom } = flow.getViewport();
      const seen: Rectangle = {
        x: chosen.x * zoom + x,
        y: chosen.y * zoom + y,
        width: chosen.width * zoom,
        height: chosen.height * zoom,
      };
      if (!contains(was, seen) || contains(is, seen)) return;
      const room = {
        x: is.x + AWAY,
        y: is.y + AWAY,
        width: is.width - 2 * AWAY,
        height: is.height - 2 * AWAY,
      };
      const [dx, dy] = wayInto(room, seen);
      void flow.setViewport({ x: x + dx, y: y + dy, zoom });
    }
  }, [root, flow, left, right]);
}
