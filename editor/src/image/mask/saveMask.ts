/** Sends what was painted to the server and lets the node read the picture with it. */

import { api } from '../../api/current';
import type { FileReference, Uploaded } from '../../api/words';
import type { Json } from '../../model/types';
import { useDefinitions } from '../../state/definitions';
import { changeValuesAt } from '../../widgets/change';
import type { MaskTarget } from '../maskTarget';
import { pngOf } from './png';
import type { Mask } from './tiles';

/** Where pictures with painted masks are kept, below the input folder; other editors of this field call it so too. */
const FOLDER = 'clipspace';
const ENDING = /\.[^.]*$/u;
/** What an earlier mask of the same picture was called. */
const EARLIER = /-mask(?: \(\d+\))?$/u;

/** One step of the history. Throws ApiError, and then nothing has changed. */
export async function saveMask(target: MaskTarget, mask: Mask): Promise<void> {
  const { place, widget, file, channel, folder } = target;
  const png = new Blob([await pngOf(mask)], { type: 'image/png' });
  const uploaded = await api().uploadMask(png, maskName(file), file, { type: 'input', subfolder: FOLDER });
  const values = new Map<string, Json>([[widget, nameFor(uploaded, folder)]]);
  if (channel !== null) values.set(channel, 'alpha');
  changeValuesAt(place, values, 'mask.step');
  void useDefinitions.getState().refresh();
}

/** The server numbers names that are taken, so that what an earlier step of the history names stays. */
export function maskName({ filename }: FileReference): string {
  return `${filename.replace(ENDING, '').replace(EARLIER, '')}-mask.png`;
}

/** As the widget names it: with the folder it lies in where that is not the one the widget chooses from. */
export function nameFor({ name, subfolder, type }: Uploaded, folder: string): string {
  const path = subfolder === '' ? name : `${subfolder}/${name}`;
  const real = type === '' ? 'input' : type;
  return real === folder ? path : `${path} [${real}]`;
}
