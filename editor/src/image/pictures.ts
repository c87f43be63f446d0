/** Addresses, names and kinds of the files that runs make. */

import { api } from '../api/current';
import type { FileReference } from '../api/words';

/** Pictures of the server that are dragged from one part of the page to another. */
export const PICTURES_MIME = 'application/x-nodeloom-pictures';

export type FileKind = 'image' | 'video' | 'audio' | 'other';

const KINDS: readonly (readonly [FileKind, RegExp])[] = [
  ['image', /\.(png|jpe?g|webp|gif|bmp|avif)$/iu],
  ['video', /\.(mp4|webm|mov|mkv)$/iu],
  ['audio', /\.(mp3|wav|flac|ogg|opus|m4a)$/iu],
];

export function kindOf(file: FileReference): FileKind {
  return KINDS.find(([, ending]) => ending.test(file.filename))?.[0] ?? 'other';
}

export function addressOf(file: FileReference): string {
  return api().viewUrl(file);
}

/** A small picture of it for lists. */
export function thumbnailOf(file: FileReference): string {
  return api().viewUrl(file, 'webp;75');
}

const LONGEST_SIDE = 320;

/** The same scaled down, for a grid of many. */
export function smallOf(file: FileReference): string {
  return `${thumbnailOf(file)}&longest=${LONGEST_SIDE}`;
}

export function keyOf(file: FileReference): string {
  return `${file.type}/${file.subfolder}/${file.filename}`;
}

/** Lets the browser save a file under its name. */
export function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

/** Lets the browser save a text that was made here. */
export function downloadText(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  download(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
