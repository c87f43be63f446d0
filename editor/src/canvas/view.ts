/** Rectangles and views: what all there is covers, and from where it is seen whole. */

import type { Point, Size } from '../model/types';
import type { View } from '../state/documents';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const LEAST_ZOOM = 0.04;
export const MOST_ZOOM = 3;
/** Nothing is shown larger than life only because there is little of it. */
const MOST_FITTED = 1;
const MARGIN = 48;

/** The least rectangle around all, null for none. */
export function boundsOf(rectangles: Iterable<Rectangle>): Rectangle | null {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const each of rectangles) {
    left = Math.min(left, each.x);
    top = Math.min(top, each.y);
    right = Math.max(right, each.x + each.width);
    bottom = Math.max(bottom, each.y + each.height);
  }
  return left <= right ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}

/** The view of a canvas of this size in which the rectangle is seen whole and in the middle. */
export function fittedView(bounds: Rectangle | null, size: Size): View {
  const [width, height] = size;
  if (bounds === null) return { x: width / 2, y: height / 2, zoom: 1 };
  const zoom = clampedZoom(
    Math.min(
      Math.max(1, width - 2 * MARGIN) / Math.max(1, bounds.width),
      Math.max(1, height - 2 * MARGIN) / Math.max(1, bounds.height),
      MOST_FITTED,
    ),
  );
  return centredView([bounds.x + bounds.width / 2, bounds.y + bounds.height / 2], zoom, size);
}

/** On a canvas so narrow all of a graph is too small to be read; it begins with its left side then. */
const NARROW = 720;
const READABLE = 0.7;

/** The view a graph is opened with: all of it, or on a phone as much of it as can be read. */
export function openingView(bounds: Rectangle | null, size: Size): View {
  const fitted = fittedView(bounds, size);
  if (bounds === null || size[0] >= NARROW || fitted.zoom >= READABLE) return fitted;
  const y = size[1] / 2 - (bounds.y + bounds.height / 2) * READABLE;
  return { x: MARGIN / 3 - bounds.x * READABLE, y, zoom: READABLE };
}

export function centredView(middle: Point, zoom: number, size: Size): View {
  return { x: size[0] / 2 - middle[0] * zoom, y: size[1] / 2 - middle[1] * zoom, zoom };
}

/** A view that was made for an area of this size, as the canvas has it that the area is a part of. */
export function withinArea(view: View, area: Rectangle): View {
  return { ...view, x: view.x + area.x, y: view.y + area.y };
}

/** The opposite: a view of the canvas as the area has it. */
export function withoutArea(view: View, area: Rectangle): View {
  return { ...view, x: view.x - area.x, y: view.y - area.y };
}

/** How far something has to go to lie in an area; what is larger than that shows its beginning. */
export function wayInto(area: Rectangle, { x, y, width, height }: Rectangle): Point {
  const way = (start: number, size: number, from: number, room: number): number =>
    start < from || size > room ? from - start : Math.min(0, from + room - start - size);
  return [way(x, width, area.x, area.width), way(y, height, area.y, area.height)];
}

export function clampedZoom(zoom: number): number {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
}

/** A view that is nearer by the factor, with what is under the anchor (in pixels of the canvas) staying there. */
export function zoomedView(view: View, factor: number, anchor: Point): View {
  const zoom = clampedZoom(view.zoom * factor);
  const ratio = zoom / view.zoom;
  return { x: anchor[0] - (anchor[0] - view.x) * ratio, y: anchor[1] - (anchor[1] - view.y) * ratio, zoom };
}

/** Which part of the graph a canvas of this size shows. */
export function visibleIn(view: View, size: Size): Rectangle {
  return {
    x: -view.x / view.zoom,
    y: -view.y / view.zoom,
    width: size[0] / view.zoom,
    height: size[1] / view.zoom,
  };
}

export function contains(outer: Rectangle, inner: Rectangle): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

export function touches(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
