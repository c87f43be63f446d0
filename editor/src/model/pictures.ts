/** The workflow that a picture carries: in text chunks of PNG, in EXIF of WebP and JPEG. */

import { MOST_CHARACTERS } from './json';

export interface PictureTexts {
  readonly workflow: string | null;
  readonly prompt: string | null;
}

/** Reads numbers and pieces of a file; what lies outside it is absent. */
interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const MOST_PIECES = 100_000;
const MOST_ENTRIES = 200;

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';
const EXIF_HEADER = 'Exif\0\0';
const ASCII = 2;
const LONGEST_KEY = 80;

const CHUNK = 8192;

/** One character a byte. A browser's decoder called `latin1` is that of windows-1252, which knows other characters. */
function latin(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  }
  return parts.join('');
}

/** Texts in pictures are mostly ASCII; what is UTF-8 is read as such, whatever the format says. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return latin(bytes);
  }
}

function startsWith({ bytes }: Reader, text: string, at = 0): boolean {
  return latin(bytes.subarray(at, at + text.length)) === text;
}

export type PictureFormat = 'png' | 'webp' | 'jpeg';

function formatOf(reader: Reader): PictureFormat | null {
  if (startsWith(reader, PNG_SIGNATURE)) return 'png';
  if (startsWith(reader, 'RIFF') && startsWith(reader, 'WEBP', 8)) return 'webp';
  return startsWith(reader, '\xff\xd8\xff') ? 'jpeg' : null;
}

function readerOf(bytes: Uint8Array): Reader {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Which kind of picture some bytes are, null for none that may carry a workflow. */
export function pictureFormat(bytes: Uint8Array): PictureFormat | null {
  return formatOf(readerOf(bytes));
}

/** At most so much is taken out of compressed text, whatever is packed in it. */
async function inflated(packed: Uint8Array): Promise<Uint8Array | null> {
  const stream = new Blob([packed.slice()]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      size += piece.value.length;
      if (size > MOST_CHARACTERS) {
        await reader.cancel();
        return null;
      }
      pieces.push(piece.value);
    }
  } catch {
    return null;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

type Named = readonly [key: string, text: string];

interface Chunk {
  readonly kind: string;
  readonly data: Uint8Array;
}

function* pngChunks({ bytes, view }: Reader): Generator<Chunk> {
  let at = PNG_SIGNATURE.length;
  for (let count = 0; count < MOST_PIECES && at + 8 <= bytes.length; count += 1) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end > bytes.length) return;
    yield { kind: latin(bytes.subarray(at + 4, at + 8)), data: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

function untilZero(data: Uint8Array, from: number): number {
  const end = data.indexOf(0, from);
  return end < 0 ? data.length : end;
}

/** Key, zero, text. */
function plainText(data: Uint8Array): Named {
  const end = untilZero(data, 0);
  return [latin(data.subarray(0, end)), textOf(data.subarray(end + 1))];
}

/** Key, zero, method, packed text. */
async function packedText(data: Uint8Array): Promise<Named | null> {
  const end = untilZero(data, 0);
  const text = await inflated(data.subarray(end + 2));
  return text && [latin(data.subarray(0, end)), textOf(text)];
}

/** Key, zero, whether packed, method, language, zero, translated key, zero, text. */
async function internationalText(data: Uint8Array): Promise<Named | null> {
  const end = untilZero(data, 0);
  const language = untilZero(data, end + 3);
  const start = untilZero(data, language + 1) + 1;
  const rest = data.subarray(start);
  const text = data[end + 1] === 1 ? await inflated(rest) : rest;
  return text && [latin(data.subarray(0, end)), textOf(text)];
}

const TEXT_CHUNKS: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt']);
const WANTED: ReadonlySet<string> = new Set(['workflow', 'prompt']);

function isWanted(data: Uint8Array): boolean {
  return WANTED.has(latin(data.subarray(0, Math.min(LONGEST_KEY, untilZero(data, 0)))).toLowerCase());
}

async function textOfChunk({ kind, data }: Chunk): Promise<Named | null> {
  if (!TEXT_CHUNKS.has(kind) || data.length > MOST_CHARACTERS || !isWanted(data)) return null;
  if (kind === 'tEXt') return plainText(data);
  return kind === 'zTXt' ? packedText(data) : internationalText(data);
}

async function pngTexts(reader: Reader): Promise<readonly Named[]> {
  const found: Named[] = [];
  for (const chunk of pngChunks(reader)) {
    const text = await textOfChunk(chunk);
    if (text !== null) found.push(text);
    if (chunk.kind === 'IEND') break;
  }
  return found;
}

/** A text with its key before a colon, as the fields of EXIF have it. */
function keyed(data: Uint8Array): readonly Named[] {
  const head = latin(data.subarray(0, LONGEST_KEY));
  const key = /^([A-Za-z]+):/.exec(head)?.[1];
  if (key === undefined || data.length > MOST_CHARACTERS) return [];
  return [[key, textOf(data.subarray(key.length + 1, untilZero(data, 0)))]];
}

/** The texts in the first directory of a TIFF block; whatever points outside it is passed over. */
function exifTexts(block: Uint8Array): readonly Named[] {
  const tiff = startsWith(readerOf(block), EXIF_HEADER) ? block.subarray(EXIF_HEADER.length) : block;
  const { view } = readerOf(tiff);
  const order = latin(tiff.subarray(0, 4));
  const isLittle = order === 'II*\0';
  if (tiff.length < 8 || (!isLittle && order !== 'MM\0*')) return [];
  const start = view.getUint32(4, isLittle);
  const count = start + 2 > tiff.length ? 0 : view.getUint16(start, isLittle);
  const found: Named[] = [];
  for (let index = 0; index < Math.min(count, MOST_ENTRIES); index += 1) {
    const place = start + 2 + 12 * index;
    if (place + 12 > tiff.length) break;
    const length = view.getUint32(place + 4, isLittle);
    const offset = length <= 4 ? place + 8 : view.getUint32(place + 8, isLittle);
    const isText = view.getUint16(place + 2, isLittle) === ASCII && offset + length <= tiff.length;
    if (isText) found.push(...keyed(tiff.subarray(offset, offset + length)));
  }
  return found;
}

function webpTexts({ bytes, view }: Reader): readonly Named[] {
  let at = 12;
  for (let count = 0; count < MOST_PIECES && at + 8 <= bytes.length; count += 1) {
    const length = view.getUint32(at + 4, true);
    if (latin(bytes.subarray(at, at + 4)) === 'EXIF')
      return exifTexts(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return [];
}

const EXIF_SEGMENT = 0xe1;
const START_OF_SCAN = 0xda;

function jpegTexts(reader: Reader): readonly Named[] {
  const { bytes, view } = reader;
  let at = 2;
  for (let count = 0; count < MOST_PIECES && at + 4 <= bytes.length; count += 1) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === START_OF_SCAN) return [];
    const end = at + 2 + view.getUint16(at + 2);
    const isExif = marker === EXIF_SEGMENT && startsWith(reader, EXIF_HEADER, at + 4);
    if (isExif) return exifTexts(bytes.subarray(at + 4, end));
    at = end;
  }
  return [];
}

function firstOf(texts: readonly Named[], key: string): string | null {
  return texts.find(([name]) => name.toLowerCase() === key)?.[1] ?? null;
}

/** Both null for a file that is no such picture or carries nothing. */
export async function textsIn(bytes: Uint8Array): Promise<PictureTexts> {
  const reader = readerOf(bytes);
  const format = formatOf(reader);
  const texts =
    format === 'png'
      ? await pngTexts(reader)
      : format === 'webp'
        ? webpTexts(reader)
        : format === 'jpeg'
          ? jpegTexts(reader)
          : [];
  return { workflow: firstOf(texts, 'workflow'), prompt: firstOf(texts, 'prompt') };
}
