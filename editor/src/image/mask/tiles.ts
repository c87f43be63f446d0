/** A mask as a value: how much each pixel is painted, in square tiles that one mask shares with the next. */

export const TILE = 256;
const AREA = TILE * TILE;
export const NOT_PAINTED = 0;
export const PAINTED = 255;

/** 0 to 255 for each pixel, row by row; or one number where all are alike. Bytes are never changed, only replaced. */
export type Tile = Uint8Array | number;

export interface Mask {
  readonly width: number;
  readonly height: number;
  /** Tiles in a row. */
  readonly columns: number;
  /** Row by row; what lies beyond the edges of the picture has no meaning. */
  readonly tiles: readonly Tile[];
}

/** In pixels of the picture; the right and lower edge are not part of it. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function evenMask(width: number, height: number, value: number = NOT_PAINTED): Mask {
  const columns = Math.ceil(width / TILE);
  const rows = Math.ceil(height / TILE);
  return { width, height, columns, tiles: new Array<Tile>(columns * rows).fill(value) };
}

/** The part of the picture that a tile covers. */
export function boxOf({ width, height, columns }: Mask, index: number): Box {
  const left = (index % columns) * TILE;
  const top = Math.floor(index / columns) * TILE;
  return { left, top, right: Math.min(width, left + TILE), bottom: Math.min(height, top + TILE) };
}

/** Asks for the pixels of one tile after the other, row by row in the size of the box. */
export function readMask(width: number, height: number, read: (box: Box) => Uint8Array): Mask {
  const even = evenMask(width, height);
  const tiles = even.tiles.map((_, index) => {
    const box = boxOf(even, index);
    const across = box.right - box.left;
    const pixels = read(box);
    const tile = new Uint8Array(AREA).fill(pixels[0] ?? NOT_PAINTED);
    for (let row = 0; row < box.bottom - box.top; row += 1) {
      tile.set(pixels.subarray(row * across, (row + 1) * across), row * TILE);
    }
    return simplest(tile);
  });
  return { ...even, tiles };
}

/** One number in place of bytes that are all alike. */
export function simplest(tile: Tile): Tile {
  if (typeof tile === 'number') return tile;
  const first = tile[0] ?? NOT_PAINTED;
  return tile.every((value) => value === first) ? first : tile;
}

/** A copy that may be written to. */
export function bytesOf(tile: Tile): Uint8Array {
  return typeof tile === 'number' ? new Uint8Array(AREA).fill(tile) : tile.slice();
}

export function valueAt(mask: Mask, x: number, y: number): number {
  const tile = mask.tiles[Math.floor(y / TILE) * mask.columns + Math.floor(x / TILE)] ?? NOT_PAINTED;
  return typeof tile === 'number' ? tile : (tile[(y % TILE) * TILE + (x % TILE)] ?? NOT_PAINTED);
}

/** The values of one row of the picture. */
export function rowOf(mask: Mask, y: number): Uint8Array {
  const row = new Uint8Array(mask.width);
  const first = Math.floor(y / TILE) * mask.columns;
  for (let column = 0; column < mask.columns; column += 1) {
    const left = column * TILE;
    const right = Math.min(mask.width, left + TILE);
    const tile = mask.tiles[first + column] ?? NOT_PAINTED;
    if (typeof tile === 'number') row.fill(tile, left, right);
    else row.set(tile.subarray((y % TILE) * TILE, (y % TILE) * TILE + right - left), left);
  }
  return row;
}

/** What was painted is not, and the other way round. */
export function inverted(mask: Mask): Mask {
  const tiles = mask.tiles.map((tile) =>
    typeof tile === 'number' ? PAINTED - tile : tile.map((value) => PAINTED - value),
  );
  return { ...mask, tiles };
}

/** The same mask where every pixel has the value already. */
export function filled(mask: Mask, value: number): Mask {
  return mask.tiles.every((tile) => tile === value) ? mask : evenMask(mask.width, mask.height, value);
}

/** Bytes that a mask holds and another does not share. */
export function bytesBeside(mask: Mask, other: Mask): number {
  return mask.tiles.reduce<number>(
    (sum, tile, index) => (typeof tile === 'number' || tile === other.tiles[index] ? sum : sum + AREA),
    0,
  );
}
