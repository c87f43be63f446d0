/** Shows pictures of the gallery large; those beyond the first and the last come as they are neared. */

import { useEffect } from 'react';
import { useInterface } from '../../app/interface';
import { keyOf } from '../pictures';
import { entryAt, PAGE, type Pages, runAround } from './entries';
import { useGallery } from './store';

/** The pictures that the gallery handed to the lightbox last. */
let handed: readonly unknown[] = [];

export function lookAt(index: number): void {
  const { pages } = useGallery.getState();
  if (entryAt(pages, index) === null) return;
  const run = runAround(pages, index);
  handed = run.files;
  useInterface.getState().look(run.files, index - run.start);
}

export function useMoreInLightbox(): void {
  const lightbox = useInterface((state) => state.lightbox);
  const pages = useGallery((state) => state.pages);
  useEffect(() => {
    if (lightbox === null || lightbox.pictures !== handed) return;
    const shown = lightbox.pictures[lightbox.index];
    const index = shown === undefined ? null : indexOf(pages, keyOf(shown));
    if (index === null) return;
    const { show, total } = useGallery.getState();
    show(index - PAGE / 2, Math.min(index + PAGE / 2, (total ?? 1) - 1));
    if (runAround(pages, index).files.length > handed.length) lookAt(index);
  }, [lightbox, pages]);
}

function indexOf(pages: Pages, key: string): number | null {
  for (const [page, entries] of pages) {
    const found = entries.findIndex((entry) => keyOf(entry.file) === key);
    if (found >= 0) return page * PAGE + found;
  }
  return null;
}
