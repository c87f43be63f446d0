/** The pointer over the painted graph: presses on nodes are taken from the flow library, all others it gets as ever. */

import { useInterface } from '../app/interface';
import type { NodeId, Point } from '../model/types';
import { useDocuments } from '../state/documents';
import { canvas } from './controls';
import type { FarNode } from './farScene';
import { shifted } from './moves';
import { selectionFor } from './useFlowEvents';
import { currentGraph, type Gestures } from './useGestures';

export interface FarPlace {
  readonly at: (point: Point) => FarNode | null;
  readonly toGraph: (screen: Point) => Point;
}

/** Moves of the pointer below this many pixels are clicks. */
const STILL = 3;

function pointOf(event: MouseEvent): Point {
  return [event.clientX, event.clientY];
}

function isOnCanvas(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('.react-flow__pane') !== null;
}

/** A box is drawn with these, and a click adds to what is selected. */
function isAdding(event: MouseEvent): boolean {
  return event.shiftKey || event.ctrlKey || event.metaKey;
}

function selectAlone(node: NodeId): void {
  const chosen = selectionFor(node);
  if (chosen !== null) useDocuments.getState().select(chosen);
}

function toggle(node: NodeId): void {
  const nodes = new Set(selectedNodes());
  if (!nodes.delete(node)) nodes.add(node);
  useDocuments.getState().select({ nodes });
}

function selectedNodes(): ReadonlySet<NodeId> {
  const { documents, active } = useDocuments.getState();
  return documents.find((each) => each.id === active)?.selection.nodes ?? new Set();
}

function drag(gestures: Gestures, place: FarPlace, begin: PointerEvent): void {
  const from = place.toGraph(pointOf(begin));
  const ids = [...selectedNodes()];
  const end = new AbortController();
  let isMoving = false;
  const move = (event: PointerEvent): void => {
    const [dx, dy] = [event.clientX - begin.clientX, event.clientY - begin.clientY];
    isMoving ||= Math.hypot(dx, dy) > STILL;
    if (!isMoving) return;
    const [x, y] = place.toGraph(pointOf(event));
    gestures.drag(shifted(currentGraph(), ids, [Math.round(x - from[0]), Math.round(y - from[1])]), false);
  };
  const up = (): void => {
    end.abort();
    if (isMoving) gestures.drop();
  };
  const { signal } = end;
  // Not by capturing the pointer: clicks and double clicks would then no longer be about what lies under it.
  window.addEventListener('pointermove', move, { signal });
  window.addEventListener('pointerup', up, { signal });
  window.addEventListener('pointercancel', up, { signal });
}

/** Returns what ends it. */
export function listenFar(root: HTMLElement, gestures: Gestures, place: FarPlace): () => void {
  const stop = new AbortController();
  const hit = (event: MouseEvent): FarNode | null =>
    isOnCanvas(event) ? place.at(place.toGraph(pointOf(event))) : null;
  const options = { capture: true, signal: stop.signal };
  let pressed: FarNode | null = null;
  let from: Point = [0, 0];
  root.addEventListener(
    'pointerdown',
    (event) => {
      from = pointOf(event);
      pressed = event.button === 0 && !isAdding(event) ? hit(event) : null;
      if (pressed === null) return;
      event.stopPropagation();
      selectAlone(pressed.id);
      drag(gestures, place, event);
    },
    options,
  );
  // The library pans by the mouse and touch events that follow.
  for (const name of ['mousedown', 'touchstart'] as const) {
    root.addEventListener(
      name,
      (event) => {
        if (pressed !== null) event.stopPropagation();
      },
      options,
    );
  }
  // A click on the ground lets go of what is selected; one on a node is none.
  root.addEventListener(
    'click',
    (event) => {
      const isStill = Math.hypot(event.clientX - from[0], event.clientY - from[1]) <= STILL;
      const added = isAdding(event) && isStill ? hit(event) : null;
      if (added !== null) toggle(added.id);
      if (added !== null || pressed !== null) event.stopPropagation();
      pressed = null;
    },
    options,
  );
  root.addEventListener(
    'dblclick',
    (event) => {
      const node = hit(event);
      if (node === null) return;
      event.stopPropagation();
      event.preventDefault();
      canvas().focusNode(node.id);
    },
    options,
  );
  root.addEventListener(
    'contextmenu',
    (event) => {
      const node = hit(event);
      if (node === null) return;
      event.stopPropagation();
      event.preventDefault();
      selectAlone(node.id);
      const screen = pointOf(event);
      useInterface.getState().openMenu({ screen, at: place.toGraph(screen), node: node.id });
    },
    options,
  );
  return () => stop.abort();
}
