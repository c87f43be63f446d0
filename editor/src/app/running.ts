/** Hands the active workflow in and says what came of that. */

import type { NodeId } from '../model/types';
import { useChecks } from '../state/checks';
import { useRuns } from '../state/runs';
import { useInterface } from './interface';
import { complain } from './messages';

export async function run(
  options: { readonly front?: boolean; readonly targets?: readonly NodeId[] } = {},
): Promise<void> {
  const { count, showRight } = useInterface.getState();
  try {
    const { problems } = await useRuns.getState().submit({ ...options, count });
    if (problems.length > 0) showRight('errors');
  } catch (error) {
    complain('run.notQueued', error);
  }
}

/** Sends what was held back, as it was to be run. */
export async function runAnyway(document: string): Promise<void> {
  const options = useChecks.getState().held.get(document);
  try {
    await useRuns.getState().submit({ ...options, document, unchecked: true });
  } catch (error) {
    complain('run.notQueued', error);
  }
}

export async function interrupt(): Promise<void> {
  try {
    await useRuns.getState().interrupt();
  } catch (error) {
    complain('run.notStopped', error);
  }
}
