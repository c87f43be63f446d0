/** After a reload, or a time without the server: finds the runs of the open documents again. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { JobDetail } from '../api/words';
import { useDocuments } from './documents';
import { withRun } from './runChanges';
import { runsOfDocuments } from './runDocuments';
import type { RunListener } from './runListener';
import { newRun } from './runProgress';
import { isOpen, type RunStore } from './runTypes';

/** Of one document that many runs are looked at. */
const MOST_ASKED = 20;

/** Picks up what goes on, and shows what the last run of each document made. */
export async function resumeRuns(store: RunStore, listener: RunListener): Promise<void> {
  const documents = useDocuments.getState().documents.map(({ id }) => id);
  await Promise.all(documents.map((document) => resumeDocument(store, listener, document)));
}

async function resumeDocument(store: RunStore, listener: RunListener, document: string): Promise<void> {
  for (const job of await jobsToShow(document)) {
    register(store, listener, job, document);
    await listener.catchUp(job.id);
    const run = store.getState().runs.get(job.id);
    if (run !== undefined && isOpen(run) && isEnded(job)) await listener.settle(job.id);
  }
}

/** The last run that has ended and those after it, the oldest first. */
async function jobsToShow(document: string): Promise<readonly JobDetail[]> {
  const runs = runsOfDocuments(new Set([document])).slice(-MOST_ASKED);
  const found: JobDetail[] = [];
  for (const [run] of runs.toReversed()) {
    const job = await jobOf(run);
    if (job === undefined) break;
    if (job === null) continue;
    found.unshift(job);
    if (isEnded(job)) break;
  }
  return found;
}

function isEnded(job: JobDetail): boolean {
  return job.status !== 'pending' && job.status !== 'in_progress';
}

/** Null for a run that is not known, undefined where the server cannot be asked. */
async function jobOf(run: string): Promise<JobDetail | null | undefined> {
  try {
    return await api().job(run);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function register(store: RunStore, listener: RunListener, job: JobDetail, document: string): void {
  if (store.getState().runs.has(job.id)) return;
  listener.forget(job.id);
  const total = Object.keys(job.workflow.prompt).length;
  const run = newRun(job.id, document, { total, submittedAt: job.create_time });
  store.setState((state) => withRun(state, run));
}

/** What runs that were open here came to while the server could not be heard. */
export async function catchUpAll(store: RunStore, listener: RunListener): Promise<void> {
  const open = [...store.getState().runs.values()].filter((run) => isOpen(run) && run.document !== null);
  for (const { id } of open) await listener.catchUp(id);
}
