/** Commands for pictures: the gallery, comparing what a node shows, painting a mask on what it reads. */

import { useInterface } from '../app/interface';
import { maskTargetOf, paintMaskOf } from '../image/maskTarget';
import { kindOf } from '../image/pictures';
import { outputOf } from '../state/runs';
import { onlyNode } from './selected';
import type { Command } from './types';

export const pictureCommands: readonly Command[] = [
  {
    id: 'panels.gallery',
    title: 'command.galleryPanel',
    group: 'panels',
    keys: ['g'],
    run: () => useInterface.getState().toggleLeft('gallery'),
  },
  {
    id: 'node.compare',
    title: 'command.comparePictures',
    isSpecial: true,
    group: 'node',
    keys: [],
    when: () => shownPictures().length > 1,
    run: () => useInterface.getState().compare(shownPictures()),
  },
  {
    id: 'node.mask',
    title: 'mask.edit',
    group: 'node',
    keys: [],
    isSpecial: true,
    when: isMaskable,
    run: paint,
  },
];

/** What the selected node shows. */
function shownPictures() {
  const node = onlyNode();
  const images = node === null ? [] : (outputOf(node.id)?.images ?? []);
  return images.filter((file) => kindOf(file) === 'image');
}

function isMaskable(): boolean {
  const node = onlyNode();
  return node !== null && maskTargetOf(node) !== null;
}

function paint(): void {
  const node = onlyNode();
  if (node !== null) paintMaskOf(node);
}
