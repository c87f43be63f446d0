/** After a reload, or a time without the server: finds the runs of the open documents again. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { serverClock } from '../api/serverClock';
import type { JobDetail } from '../api/words';
import { useDefinitions } from './definitions';
import { useDocuments } from './documents';
import { withRun, withRunningShown } from './runChanges';
import { rememberRun, runsOfDocuments } from './runDocuments';
import type { RunListener } from './runListener';
import { newRun, withAbout } from './runProgress';
import { isOpen, type RunStore } from './runTypes';
import { neededNodes, terminalsOf } from './submission';

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
  // The socket may have told of it before the log of an older one was read, which was shown then.
  store.setState((state) => withRunningShown(state, document));
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
  const { prompt } = job.workflow;
  const total = neededNodes(prompt, terminalsOf(prompt, useDefinitions.getState().definitions));
  const started = job.execution_start_time;
  const startedAt = started === undefined ? null : serverClock.local(started);
  // What goes on may have been heard of before what it belongs to was known.
  const known = store.getState().runs.get(job.id);
  if (known === undefined || known.startedAt === null) listener.forget(job.id);
  const run = known ?? newRun(job.id, document, { submittedAt: serverClock.local(job.create_time) });
  const about = { document, total: run.total || total, startedAt: run.startedAt ?? startedAt };
  store.setState((state) => withRun(state, withAbout(run, about)));
}

/** A run that was queued for a document by other ways than handing that in, such as by trying one again. */
export async function adoptRun(
  store: RunStore,
  listener: RunListener,
  id: string,
  document: string,
): Promise<void> {
  rememberRun(id, document);
  const job = await jobOf(id);
  if (!job) return;
  register(store, listener, job, document);
  listener.forget(id);
  await listener.catchUp(id);
}

/** What runs that were open here came to while the server could not be heard. */
export async function catchUpAll(store: RunStore, listener: RunListener): Promise<void> {
  const open = [...store.getState().runs.values()].filter((run) => isOpen(run) && run.document !== null);
  for (const { id } of open) await listener.catchUp(id);
}
