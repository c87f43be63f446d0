/** What commands and panels may ask of the canvas that is on the page: where things are, and to show them. */

import type { NodeId, Point } from '../model/types';

export interface CanvasControls {
  /** Show these nodes, or everything. */
  fit(ids?: Iterable<NodeId>): void;
  /** Zoom around the middle; 1.25 comes nearer. */
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  /** Bring a node into the middle and give it the keyboard. */
  focusNode(id: NodeId): void;
  /** Client coordinates of a pointer event → coordinates of the graph. */
  toGraph(screen: Point): Point;
  toScreen(at: Point): Point;
  /** Where the pointer is over the canvas, else the middle of what is seen, in coordinates of the graph. */
  pointer(): Point;
  middle(): Point;
  /** Whether the pointer is over the canvas. */
  hasPointer(): boolean;
  /** Edit the title of a node in its header, or that of a group; by the id on the canvas. */
  editTitle(flowId: string): void;
}

const ABSENT: CanvasControls = {
  fit: () => undefined,
  zoomBy: () => undefined,
  zoomTo: () => undefined,
  focusNode: () => undefined,
  toGraph: (screen) => screen,
  toScreen: (at) => at,
  pointer: () => [0, 0],
  middle: () => [0, 0],
  hasPointer: () => false,
  editTitle: () => undefined,
};

let mounted: CanvasControls = ABSENT;

/** The canvas registers itself; the answer takes it away again. */
export function provideControls(controls: CanvasControls): () => void {
  mounted = controls;
  return () => {
    if (mounted === controls) mounted = ABSENT;
  };
}

/** The controls of the canvas that is on the page; without one they do nothing. */
export function canvas(): CanvasControls {
  return mounted;
}
