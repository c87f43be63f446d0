/** Fetches a picture to paint on: its colours to look at, and what is transparent in it as the mask so far. */

import { api } from '../../api/current';
import type { FileReference } from '../../api/words';
import { type Box, type Mask, PAINTED, readMask, TILE } from './tiles';

export interface Paintable {
  /** Of the colours, also of what is transparent. */
  readonly address: string;
  readonly mask: Mask;
}

/** A picture with more pixels is looked at as JPEG: as PNG it would be slow to come, and gain nothing. */
const MOST_EXACT = 2 ** 22;

/** Rejects where there is no such picture (any more). */
export async function loadPicture(file: FileReference): Promise<Paintable> {
  const alpha = await decoded(api().viewUrl(file, undefined, 'a'));
  const { naturalWidth: width, naturalHeight: height } = alpha;
  const isLarge = width * height > MOST_EXACT;
  const address = isLarge ? api().viewUrl(file, 'jpeg;92', 'rgb') : api().viewUrl(file, undefined, 'rgb');
  const [mask] = await Promise.all([maskIn(alpha, width, height), decoded(address)]);
  return { address, mask };
}

async function decoded(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}

/** Read piece by piece: browsers bound how large a canvas may be. */
async function maskIn(image: HTMLImageElement, width: number, height: number): Promise<Mask> {
  const canvas = document.createElement('canvas');
  canvas.width = TILE;
  canvas.height = TILE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D canvas');
  const bitmap = await createImageBitmap(image);
  try {
    return readMask(width, height, (box) => transparencyIn(context, bitmap, box));
  } finally {
    bitmap.close();
  }
}

function transparencyIn(context: CanvasRenderingContext2D, bitmap: ImageBitmap, box: Box): Uint8Array {
  const { left, top } = box;
  const [width, height] = [box.right - left, box.bottom - top];
  context.clearRect(0, 0, TILE, TILE);
  context.drawImage(bitmap, left, top, width, height, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from(
    { length: width * height },
    (_, index) => PAINTED - (data[4 * index + 3] ?? PAINTED),
  );
}
