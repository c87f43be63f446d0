/** Puts a picture onto the clipboard, as a PNG: the one kind of picture that every browser takes. */

import type { FileReference } from '../api/words';
import { complain, tell } from '../app/messages';
import { translated } from '../i18n';
import { addressOf } from './pictures';

export async function copyPicture(file: FileReference): Promise<void> {
  try {
    if (!('clipboard' in navigator) || typeof ClipboardItem === 'undefined') {
      throw new Error(translated('gallery.noClipboard'));
    }
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(file) })]);
    tell('gallery.copied');
  } catch (error) {
    complain('gallery.notCopied', error, { name: file.filename });
  }
}

async function pngOf(file: FileReference): Promise<Blob> {
  const answer = await fetch(addressOf(file));
  if (!answer.ok) throw new Error(translated('gallery.gone'));
  const blob = await answer.blob();
  return blob.type === 'image/png' ? blob : redrawn(blob);
}

async function redrawn(blob: Blob): Promise<Blob> {
  const picture = await createImageBitmap(blob);
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
  picture.close();
  return new Promise((done, failed) =>
    canvas.toBlob((png) => (png === null ? failed(new Error(translated('gallery.gone'))) : done(png))),
  );
}
