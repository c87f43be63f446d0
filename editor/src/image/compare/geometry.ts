/** Where the line between two pictures stands and where keys move it; boxes and sizes, nothing of a page. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Mode = 'slider' | 'side' | 'difference';
export const MODES: readonly Mode[] = ['slider', 'side', 'difference'];

const STEP = 0.02;
const LEAP = 0.1;

/** How far from left to right a place lies in a box, from 0 to 1. */
export function fractionAt(x: number, { left, width }: Pick<Box, 'left' | 'width'>): number {
  return width <= 0 ? 0.5 : clamped((x - left) / width);
}

/** Where a key moves the line, null for any other key. `fast`: in leaps. */
export function movedLine(key: string, fraction: number, fast: boolean): number | null {
  const step = fast ? LEAP : STEP;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return clamped(fraction - step);
    case 'ArrowRight':
    case 'ArrowUp':
      return clamped(fraction + step);
    case 'PageDown':
      return clamped(fraction - LEAP);
    case 'PageUp':
      return clamped(fraction + LEAP);
    case 'Home':
      return 0;
    case 'End':
      return 1;
    default:
      return null;
  }
}

function clamped(fraction: number): number {
  return Math.min(1, Math.max(0, Math.round(fraction * 1000) / 1000));
}

/** The half of a box in which a place lies: side by side, each picture has a half as its frame. */
export function halfAt(box: Box, x: number): Box {
  const width = box.width / 2;
  return {
    left: x < box.left + width ? box.left : box.left + width,
    top: box.top,
    width,
    height: box.height,
  };
}

/** How much a picture is enlarged that is fitted into its frame, to be seen pixel for pixel. */
export function actualScale(natural: readonly [number, number], frame: readonly [number, number]): number {
  if (natural[0] <= 0 || natural[1] <= 0 || frame[0] <= 0 || frame[1] <= 0) return 1;
  return 1 / Math.min(frame[0] / natural[0], frame[1] / natural[1]);
}
