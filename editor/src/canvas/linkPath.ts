/** The curve of a link: from an output to the right, through its reroutes, into an input from the left. */

import type { Point } from '../model/types';

const LEAST_REACH = 24;
const MOST_REACH = 180;

/** How far the curve runs straight on at either end of a piece; more where it has to turn back. */
function reach(from: Point, to: Point): number {
  const dx = to[0] - from[0];
  const dy = Math.abs(to[1] - from[1]);
  const wanted = dx >= 0 ? dx * 0.5 : -dx * 0.35 + Math.min(dy, 120) * 0.5;
  return Math.min(MOST_REACH, Math.max(Math.min(LEAST_REACH, dy + Math.abs(dx)), wanted));
}

export interface Curve {
  readonly from: Point;
  readonly control1: Point;
  readonly control2: Point;
  readonly to: Point;
}

export function curvesOf(from: Point, points: readonly Point[], to: Point): readonly Curve[] {
  const stops = [...points, to];
  let last = from;
  return stops.map((stop) => {
    const far = reach(last, stop);
    const curve: Curve = {
      from: last,
      control1: [last[0] + far, last[1]],
      control2: [stop[0] - far, stop[1]],
      to: stop,
    };
    last = stop;
    return curve;
  });
}

/** As the `d` of an SVG path. */
export function linkPath(from: Point, points: readonly Point[], to: Point): string {
  const pieces = curvesOf(from, points, to).map(
    ({ control1, control2, to: end }) =>
      `C${round(control1[0])},${round(control1[1])} ${round(control2[0])},${round(control2[1])} ${round(end[0])},${round(end[1])}`,
  );
  return `M${round(from[0])},${round(from[1])}${pieces.join('')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
