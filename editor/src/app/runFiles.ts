/** What can be done with a run that has ended: look at its files, load its workflow, run it again. */

import { kindOf } from '../image/pictures';
import { type HistoryDetail, useQueue } from '../state/queue';
import { openJson } from './files';
import { useInterface } from './interface';
import { complain, warn } from './messages';

/** With the workflow and the seeds it had then. */
export async function runAgain(id: string): Promise<void> {
  try {
    await useQueue.getState().retry(id);
  } catch (error) {
    complain('history.notRetried', error);
  }
}

export async function lookAtRun(id: string): Promise<void> {
  const details = await detailsOf(id);
  if (details === undefined) return;
  const files = (details?.files ?? []).filter((file) => kindOf(file) !== 'other');
  if (files.length === 0) warn('history.noFiles');
  else useInterface.getState().look(files, 0);
}

/** `name`: what its workflow was called. */
export async function loadRun(id: string, name = ''): Promise<void> {
  try {
    const details = await useQueue.getState().details(id);
    if (details === null) return warn('history.gone');
    await openJson(name, details.workflow ?? details.prompt);
  } catch (error) {
    complain('history.notLoaded', error);
  }
}

/** Undefined where it could not be asked for, which has been said then. */
async function detailsOf(id: string): Promise<HistoryDetail | null | undefined> {
  try {
    return await useQueue.getState().details(id);
  } catch (error) {
    complain('history.notLookedAt', error);
    return undefined;
  }
}
