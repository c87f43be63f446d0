/** What the canvas on the page can be asked for from outside, made from the flow library's store. */

import { useReactFlow } from '@xyflow/react';
import { type RefObject, useEffect, useMemo } from 'react';
import type { NodeId, Point, Size } from '../model/types';
import { useDocuments, type View } from '../state/documents';
import { type CanvasControls, provideControls } from './controls';
import { freeArea } from './freeArea';
import { rectanglesOf } from './rectangles';
import { useTitleEdit } from './titleEdit';
import { currentGraph } from './useGestures';
import {
  boundsOf,
  centredView,
  clampedZoom,
  contains,
  fittedView,
  type Rectangle,
  visibleIn,
  withinArea,
  withoutArea,
  zoomedView,
} from './view';

const GLIDE_MILLISECONDS = 180;
/** A node that is gone to is shown at least this large. */
const READABLE = 0.6;
/** How many frames are waited for a node to be mounted. */
const MOST_FRAMES = 40;

function isCalm(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** Gives the keyboard to a node as soon as it is mounted. */
function focusMounted(root: HTMLElement, id: NodeId, frames = MOST_FRAMES): void {
  const element = root.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
  if (element !== null) element.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusMounted(root, id, frames - 1));
}

export function useControls(
  root: RefObject<HTMLElement | null>,
  pointer: RefObject<Point | null>,
): CanvasControls {
  const flow = useReactFlow();
  const controls = useMemo((): CanvasControls => {
    // What panels cover counts as not being there.
    const area = (): Rectangle => freeArea(root.current);
    const size = (): Size => [area().width, area().height];
    const view = (): View => flow.getViewport();
    const show = (next: View): void =>
      void flow.setViewport(next, { duration: isCalm() ? 0 : GLIDE_MILLISECONDS });
    const middleOfPage = (): Point => {
      const { x, y, width, height } = area();
      return [x + width / 2, y + height / 2];
    };
    const toGraph = ([x, y]: Point): Point => {
      const at = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
      return [at.x, at.y];
    };
    const toScreen = ([x, y]: Point): Point => {
      const at = flow.flowToScreenPosition({ x, y });
      return [at.x, at.y];
    };
    const middle = (): Point => {
      const [x, y] = middleOfPage();
      const now = view();
      return [(x - now.x) / now.zoom, (y - now.y) / now.zoom];
    };
    return {
      fit: (ids) => show(withinArea(fittedView(boundsOf(rectanglesOf(currentGraph(), ids)), size()), area())),
      zoomBy: (factor) => show(zoomedView(view(), factor, middleOfPage())),
      zoomTo: (zoom) => show(zoomedView(view(), clampedZoom(zoom) / view().zoom, middleOfPage())),
      focusNode: (id) => {
        const bounds = boundsOf(rectanglesOf(currentGraph(), [id]));
        if (bounds === null) return;
        const centre: Point = [bounds.x + bounds.width / 2, bounds.y + bounds.height / 2];
        useDocuments.getState().select({ nodes: new Set([id]) });
        // What can be seen and read where it is stays there.
        const isSeen =
          view().zoom >= READABLE && contains(visibleIn(withoutArea(view(), area()), size()), bounds);
        if (!isSeen) show(withinArea(centredView(centre, Math.max(READABLE, view().zoom), size()), area()));
        if (root.current !== null) focusMounted(root.current, id);
      },
      toGraph,
      toScreen,
      pointer: () => (pointer.current === null ? middle() : toGraph(pointer.current)),
      middle,
      hasPointer: () => pointer.current !== null,
      editTitle: (id) => useTitleEdit.getState().begin(id),
    };
  }, [flow, root, pointer]);
  useEffect(() => provideControls(controls), [controls]);
  return controls;
}
