/** Commands for the picture that the selected node reads. */

import { maskTargetOf, paintMaskOf } from '../image/maskTarget';
import { onlyNode } from './selected';
import type { Command } from './types';

export const pictureCommands: readonly Command[] = [
  { id: 'node.mask', title: 'mask.edit', group: 'node', keys: [], when: isMaskable, run: paint },
];

function isMaskable(): boolean {
  const node = onlyNode();
  return node !== null && maskTargetOf(node) !== null;
}

function paint(): void {
  const node = onlyNode();
  if (node !== null) paintMaskOf(node);
}
