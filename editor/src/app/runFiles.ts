/** What can be done with a run that has ended: look at its files, load its workflow. */

import { kindOf } from '../image/pictures';
import { useQueue } from '../state/queue';
import { openJson } from './files';
import { useInterface } from './interface';
import { complain, warn } from './messages';

export async function lookAtRun(id: string): Promise<void> {
  const details = await useQueue.getState().details(id);
  const files = (details?.files ?? []).filter((file) => kindOf(file) !== 'other');
  if (files.length === 0) warn('history.noFiles');
  else useInterface.getState().look(files, 0);
}

export async function loadRun(id: string): Promise<void> {
  const details = await useQueue.getState().details(id);
  if (details === null) return warn('history.gone');
  const json = details.workflow ?? details.prompt;
  try {
    await openJson('', json);
  } catch (error) {
    complain('history.notLoaded', error);
  }
}
