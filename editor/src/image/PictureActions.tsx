/** What the lightbox does with a picture beyond looking at it: compare it, use it as input, copy it. */

import { Columns2, Copy, ImageUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../api/words';
import { useInterface } from '../app/interface';
import { canvas } from '../canvas/controls';
import { takeAsInput } from './asInput';
import { copyPicture } from './copyPicture';
import { kindOf } from './pictures';

export function PictureActions({ file }: { readonly file: FileReference }) {
  const { t } = useTranslation();
  const canCompare = useInterface((state) => pairIn(state.lightbox) !== null);
  if (kindOf(file) !== 'image') return null;
  const actions = [
    { name: t('lightbox.compare'), icon: Columns2, can: canCompare, run: comparePrevious },
    { name: t('lightbox.input'), icon: ImageUp, can: true, run: () => takeHere(file) },
    { name: t('lightbox.copy'), icon: Copy, can: true, run: () => void copyPicture(file) },
  ];
  return actions.map(({ name, icon: Icon, can, run }) => (
    <button
      key={name}
      type="button"
      className="icon-button"
      aria-label={name}
      title={name}
      disabled={!can}
      onClick={run}
    >
      <Icon size={17} />
    </button>
  ));
}

/** The keys of the lightbox for these. */
export function pictureKeys(file: FileReference): Readonly<Record<string, () => void>> {
  return { c: comparePrevious, u: () => takeHere(file) };
}

/** The one before the shown one and itself; null where there is only one, or one of them is no picture. */
function pairIn(lightbox: ReturnType<typeof useInterface.getState>['lightbox']) {
  if (lightbox === null || lightbox.pictures.length < 2) return null;
  const { pictures, index } = lightbox;
  const before = (index + pictures.length - 1) % pictures.length;
  const [previous, shown] = [pictures[before], pictures[index]];
  if (previous === undefined || shown === undefined) return null;
  return kindOf(previous) === 'image' && kindOf(shown) === 'image' ? ([previous, shown] as const) : null;
}

function comparePrevious(): void {
  const { lightbox, compare } = useInterface.getState();
  const pair = pairIn(lightbox);
  if (pair !== null) compare(pair);
}

/** Shows the node that reads it now. */
function takeHere(file: FileReference): void {
  if (kindOf(file) !== 'image') return;
  const [node] = takeAsInput([file]);
  if (node === undefined) return;
  useInterface.getState().closeLightbox();
  setTimeout(() => canvas().focusNode(node), 0);
}
