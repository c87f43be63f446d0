/** Commands for pictures: the gallery, and comparing what a node shows. */

import { useInterface } from '../app/interface';
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
    group: 'node',
    keys: [],
    when: () => shownPictures().length > 1,
    run: () => useInterface.getState().compare(shownPictures()),
  },
];

/** What the selected node shows. */
function shownPictures() {
  const node = onlyNode();
  const images = node === null ? [] : (outputOf(node.id)?.images ?? []);
  return images.filter((file) => kindOf(file) === 'image');
}
