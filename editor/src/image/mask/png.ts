/** Writes a mask as a PNG whose alpha says what was painted: read back from a canvas it would not be exact everywhere. */

import { type Mask, PAINTED, rowOf } from './tiles';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GREY_WITH_ALPHA = 4;
const CHANNELS = 2;
const BITS = 8;
const POLYNOMIAL = 0xedb88320;

type Bytes = Uint8Array<ArrayBuffer>;

/** Black, and transparent where it is painted: whoever loads it takes what is transparent as the mask. */
export async function pngOf(mask: Mask): Promise<Bytes> {
  const table = crcTable();
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, mask.width);
  view.setUint32(4, mask.height);
  header.set([BITS, GREY_WITH_ALPHA], 8);
  const parts = [new Uint8Array(SIGNATURE), chunk('IHDR', header, table)];
  for (const data of await deflated(mask)) parts.push(chunk('IDAT', data, table));
  parts.push(chunk('IEND', new Uint8Array(0), table));
  return joined(parts);
}

/** The rows, compressed piece by piece so that they never lie in memory all at once. */
async function deflated(mask: Mask): Promise<readonly Bytes[]> {
  let y = 0;
  const rows = new ReadableStream<BufferSource>({
    pull: (controller) => {
      controller.enqueue(scanline(mask, y));
      y += 1;
      if (y >= mask.height) controller.close();
    },
  });
  const found: Bytes[] = [];
  const reader = rows.pipeThrough(new CompressionStream('deflate')).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) found.push(next.value);
  return found;
}

/** A row as PNG wants it: its filter (none), then grey and alpha of each pixel. */
function scanline(mask: Mask, y: number): Bytes {
  const line = new Uint8Array(1 + mask.width * CHANNELS);
  rowOf(mask, y).forEach((value, x) => {
    line[2 + x * CHANNELS] = PAINTED - value;
  });
  return line;
}

/** Its length, name, content and checksum. */
function chunk(name: string, data: Bytes, table: Uint32Array): Bytes {
  const whole = new Uint8Array(12 + data.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  whole.set(new TextEncoder().encode(name), 4);
  whole.set(data, 8);
  view.setUint32(8 + data.length, checksum(whole.subarray(4, 8 + data.length), table));
  return whole;
}

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    return value;
  });
}

function checksum(bytes: Uint8Array, table: Uint32Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (table[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function joined(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
