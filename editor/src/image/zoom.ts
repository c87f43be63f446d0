/** Where a picture stands in its frame: zoomed around a point, moved, and never lost from sight. */

export interface Placement {
  readonly scale: number;
  /** Of the picture's middle from the frame's. */
  readonly x: number;
  readonly y: number;
}

export const FITTED: Placement = { scale: 1, x: 0, y: 0 };
const LEAST = 0.2;
const MOST = 40;

/** `x`, `y`: the point that stays where it is, from the frame's middle. */
export function zoomed(place: Placement, factor: number, x = 0, y = 0): Placement {
  const scale = Math.min(MOST, Math.max(LEAST, place.scale * factor));
  const real = scale / place.scale;
  return { scale, x: x - (x - place.x) * real, y: y - (y - place.y) * real };
}

export function moved(place: Placement, dx: number, dy: number): Placement {
  return { ...place, x: place.x + dx, y: place.y + dy };
}
