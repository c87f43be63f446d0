/** Where the picture lies in the frame it is painted in: fitted, zoomed around a point, moved, never lost from sight. */

import type { Point, Size } from '../../model/types';

export interface View {
  /** Pixels of the page for one of the picture. */
  readonly scale: number;
  /** Where the upper left corner of the picture is, from that of the frame. */
  readonly x: number;
  readonly y: number;
}

const MARGIN = 24;
const MOST = 40;
/** Of the size at which it fits. */
const LEAST = 0.25;
/** So much of the picture stays in the frame. */
const KEPT = 48;

export function fitScale(picture: Size, frame: Size): number {
  const room: Size = [Math.max(1, frame[0] - 2 * MARGIN), Math.max(1, frame[1] - 2 * MARGIN)];
  return Math.min(MOST, room[0] / picture[0], room[1] / picture[1]);
}

/** The whole picture in the middle. */
export function fittedView(picture: Size, frame: Size): View {
  return centred(picture, frame, fitScale(picture, frame));
}

/** In the middle, `scale` times as large as it is. */
export function centred(picture: Size, frame: Size, scale: number): View {
  return { scale, x: (frame[0] - picture[0] * scale) / 2, y: (frame[1] - picture[1] * scale) / 2 };
}

/** `around`: the point of the frame that stays where it is. */
export function zoomedView(view: View, factor: number, around: Point, picture: Size, frame: Size): View {
  const least = Math.min(1, fitScale(picture, frame) * LEAST);
  const scale = Math.min(MOST, Math.max(least, view.scale * factor));
  const real = scale / view.scale;
  const x = around[0] - (around[0] - view.x) * real;
  const y = around[1] - (around[1] - view.y) * real;
  return kept({ scale, x, y }, picture, frame);
}

export function movedView(view: View, by: Point, picture: Size, frame: Size): View {
  return kept({ ...view, x: view.x + by[0], y: view.y + by[1] }, picture, frame);
}

function kept(view: View, picture: Size, frame: Size): View {
  const within = (corner: number, side: number, room: number): number =>
    Math.min(room - KEPT, Math.max(KEPT - side, corner));
  return {
    scale: view.scale,
    x: within(view.x, picture[0] * view.scale, frame[0]),
    y: within(view.y, picture[1] * view.scale, frame[1]),
  };
}

/** A point of the frame in pixels of the picture. */
export function inPicture(view: View, [x, y]: Point): Point {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

export function inFrame(view: View, [x, y]: Point): Point {
  return [x * view.scale + view.x, y * view.scale + view.y];
}

/** Moved as little as needed to bring a point of the picture into the frame. */
export function showing(view: View, point: Point, picture: Size, frame: Size): View {
  const [x, y] = inFrame(view, point);
  const missing = (at: number, room: number): number =>
    at < MARGIN ? MARGIN - at : at > room - MARGIN ? room - MARGIN - at : 0;
  const by: Point = [missing(x, frame[0]), missing(y, frame[1])];
  return by[0] === 0 && by[1] === 0 ? view : movedView(view, by, picture, frame);
}
