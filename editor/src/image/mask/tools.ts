/** What is set beside the picture: the tool in hand, the brush, how the mask is shown. */

import type { Brush } from './brush';
import type { Colour } from './overlay';

export type Tool = 'brush' | 'eraser' | 'hand';

export interface Tools extends Brush {
  readonly tool: Tool;
  /** Whether the pressure of a pen makes the brush larger and smaller. */
  readonly pressure: boolean;
  readonly opacity: number;
  readonly colour: Colour;
}

/** Whatever the picture is like, one of these can be told from it. */
export const COLOURS: readonly (readonly [name: string, colour: Colour])[] = [
  ['mask.colour.red', [255, 48, 72]],
  ['mask.colour.green', [40, 205, 95]],
  ['mask.colour.blue', [64, 128, 255]],
  ['mask.colour.black', [0, 0, 0]],
  ['mask.colour.white', [255, 255, 255]],
];

export function firstTools(size: number): Tools {
  const colour = COLOURS[0]?.[1] ?? [255, 0, 0];
  return { tool: 'brush', size, hardness: 0.8, pressure: true, opacity: 0.6, colour };
}
