/** What can be done with the selected pictures of the gallery, for its buttons and its menu. */

import { Columns2, Copy, Download, ImageUp, type LucideIcon, Maximize2, Workflow } from 'lucide-react';
import type { FileReference } from '../../api/words';
import { isNarrow, useInterface } from '../../app/interface';
import { takeAsInput } from '../asInput';
import { copyPicture } from '../copyPicture';
import { openWorkflowOf } from '../openWorkflow';
import { addressOf, download } from '../pictures';
import { useGallery } from './store';
import { lookAt } from './useMoreInLightbox';

export interface Action {
  readonly id: 'look' | 'input' | 'compare' | 'open' | 'copy' | 'download';
  readonly icon: LucideIcon;
  /** As it is shown; the grid listens to it. */
  readonly keys?: string;
  readonly fits: (count: number) => boolean;
  readonly run: (files: readonly FileReference[]) => void;
}

/** So many at once are surely meant. */
const MOST_INPUTS = 20;

const first = (act: (file: FileReference) => void) => (files: readonly FileReference[]) => {
  const [file] = files;
  if (file !== undefined) act(file);
};

export const ACTIONS: readonly Action[] = [
  {
    id: 'look',
    icon: Maximize2,
    keys: 'Enter',
    fits: (count) => count > 0,
    run: () => lookAt(useGallery.getState().marks.focus),
  },
  { id: 'input', icon: ImageUp, keys: 'u', fits: (count) => count > 0 && count <= MOST_INPUTS, run: toInput },
  {
    id: 'compare',
    icon: Columns2,
    keys: 'c',
    fits: (count) => count > 1,
    run: (files) => useInterface.getState().compare(files),
  },
  {
    id: 'open',
    icon: Workflow,
    fits: (count) => count === 1,
    run: first((file) => void openWorkflowOf(file)),
  },
  {
    id: 'copy',
    icon: Copy,
    keys: '$mod+c',
    fits: (count) => count === 1,
    run: first((file) => void copyPicture(file)),
  },
  {
    id: 'download',
    icon: Download,
    fits: (count) => count > 0,
    run: (files) => {
      for (const file of files) download(addressOf(file), file.filename);
    },
  },
];

function toInput(files: readonly FileReference[]): void {
  const ids = takeAsInput(files);
  // There the gallery lies over the canvas.
  if (ids.length > 0 && isNarrow()) useInterface.getState().closePanels();
}

/** The action of a key press. */
export function actionOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}): Action | null {
  if (event.altKey) return null;
  const pressed = event.ctrlKey || event.metaKey ? `$mod+${event.key.toLowerCase()}` : event.key;
  return ACTIONS.find((action) => action.keys === pressed) ?? null;
}
