/** Draws a mask over its picture, as much of it as is seen; tiles that did not change are kept as small canvases. */

import { boxOf, type Mask, PAINTED, TILE, type Tile } from './tiles';
import type { View } from './view';

export type Colour = readonly [red: number, green: number, blue: number];

export interface Look {
  readonly colour: Colour;
  /** 0 to 1. */
  readonly opacity: number;
}

/** From so many pixels of the screen for one of the picture on, single pixels are shown. */
export const SHARP = 3;

interface Kept {
  readonly tile: Uint8Array;
  readonly colour: Colour;
  readonly canvas: HTMLCanvasElement;
}

export interface Overlay {
  draw(mask: Mask, view: View, look: Look): void;
}

/** `ratio`: pixels of the screen for one of the page, which the canvas is made for. */
export function overlayOn(canvas: HTMLCanvasElement): Overlay {
  const context = canvas.getContext('2d');
  const kept = new Map<number, Kept>();
  return {
    draw: (mask, view, look) => {
      if (context === null || canvas.clientWidth === 0) return;
      const ratio = canvas.width / canvas.clientWidth;
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.imageSmoothingEnabled = view.scale < SHARP;
      context.fillStyle = `rgb(${look.colour.join(' ')})`;
      mask.tiles.forEach((tile, index) => {
        const place = onScreen(mask, index, view, ratio);
        if (tile === 0 || !isSeen(place, canvas)) return;
        drawTile(context, mask, index, tile, place, look, kept);
      });
    },
  };
}

type Place = readonly [left: number, top: number, right: number, bottom: number];

/** Whole pixels, so that neighbours meet without a seam. */
function onScreen(mask: Mask, index: number, view: View, ratio: number): Place {
  const box = boxOf(mask, index);
  const across = (x: number): number => Math.round((x * view.scale + view.x) * ratio);
  const down = (y: number): number => Math.round((y * view.scale + view.y) * ratio);
  return [across(box.left), down(box.top), across(box.right), down(box.bottom)];
}

function isSeen([left, top, right, bottom]: Place, canvas: HTMLCanvasElement): boolean {
  return right > 0 && bottom > 0 && left < canvas.width && top < canvas.height;
}

function drawTile(
  context: CanvasRenderingContext2D,
  mask: Mask,
  index: number,
  tile: Tile,
  [left, top, right, bottom]: Place,
  { colour, opacity }: Look,
  kept: Map<number, Kept>,
): void {
  if (typeof tile === 'number') {
    context.globalAlpha = (opacity * tile) / PAINTED;
    context.fillRect(left, top, right - left, bottom - top);
    return;
  }
  const box = boxOf(mask, index);
  context.globalAlpha = opacity;
  const picture = tileCanvas(kept, index, tile, colour);
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  context.drawImage(picture, 0, 0, width, height, left, top, right - left, bottom - top);
}

function tileCanvas(
  kept: Map<number, Kept>,
  index: number,
  tile: Uint8Array,
  colour: Colour,
): HTMLCanvasElement {
  const known = kept.get(index);
  if (known?.tile === tile && known.colour === colour) return known.canvas;
  const canvas = known?.canvas ?? document.createElement('canvas');
  if (known === undefined) {
    canvas.width = TILE;
    canvas.height = TILE;
  }
  const pixels = new ImageData(TILE, TILE);
  const words = new Uint32Array(pixels.data.buffer);
  // Little-endian everywhere that browsers run: alpha, blue, green, red.
  const rest = (colour[2] << 16) | (colour[1] << 8) | colour[0];
  for (let place = 0; place < tile.length; place += 1) words[place] = ((tile[place] ?? 0) << 24) | rest;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  kept.set(index, { tile, colour, canvas });
  return canvas;
}
