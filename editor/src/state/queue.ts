/** What runs, what waits and what ran, of all clients of the server. */

import { create } from 'zustand';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { readFailure } from '../api/runEvents';
import { serverClock } from '../api/serverClock';
import type { FileReference, Job, JobStatus } from '../api/words';
import type { Json, JsonObject } from '../model/types';
import { filesOf } from './outputs';
import { documentOfRun } from './runDocuments';
import { runListener, useRuns } from './runs';
import { isOpen } from './runTypes';
import { isAnswered } from './submission';

export type ItemState = 'queued' | 'running' | 'done' | 'failed' | 'interrupted';

export interface QueueItem {
  readonly id: string;
  readonly state: ItemState;
  /** The smallest runs first. */
  readonly number: number;
  /** The open workflow it came from, null if from elsewhere. */
  readonly document: string | null;
  /** What the workflow was called when it was handed in, empty for one without a name, null where nobody said. */
  readonly name: string | null;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly submittedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** A picture that stands for it. */
  readonly preview: FileReference | null;
  readonly outputs: number;
  /** Why it failed, in a sentence of the server. */
  readonly problem: string | null;
}

/** A run that has ended with all it made. */
export interface HistoryDetail {
  readonly id: string;
  readonly files: readonly FileReference[];
  /** The workflow as it was handed in, null if none came along. */
  readonly workflow: Json;
  readonly prompt: JsonObject;
}

export interface QueueState {
  readonly running: readonly QueueItem[];
  readonly pending: readonly QueueItem[];
  /** The newest first. */
  readonly history: readonly QueueItem[];
  readonly hasMore: boolean;
  readonly problem: ApiError | null;
  refresh(): Promise<void>;
  /** Add older entries to the history. */
  loadMore(): Promise<void>;
  /** Stop or take out of the queue. */
  cancel(id: string): Promise<void>;
  clearPending(): Promise<void>;
  /** Let a run that waits run just before another one, or last; shown at once, put back where the server refuses. */
  move(id: string, before: string | null): Promise<void>;
  /** Hand in once more what an ended run was handed in with. */
  retry(id: string): Promise<void>;
  removeFromHistory(id: string): Promise<void>;
  clearHistory(): Promise<void>;
  details(id: string): Promise<HistoryDetail | null>;
}

const OPEN: readonly JobStatus[] = ['in_progress', 'pending'];
const ENDED: readonly JobStatus[] = ['completed', 'failed', 'cancelled'];
const MOST_OPEN = 1000;
const PAGE = 60;
const STATES: Readonly<Record<JobStatus, ItemState>> = {
  pending: 'queued',
  in_progress: 'running',
  completed: 'done',
  failed: 'failed',
  cancelled: 'interrupted',
};

let asking: Promise<void> | null = null;
let isAgain = false;

export const useQueue = create<QueueState>()((set, get) => {
  const ask = async (): Promise<void> => {
    const open = openRuns();
    try {
      const length = Math.max(PAGE, get().history.length);
      const [now, ended] = await Promise.all([api().jobs(OPEN, MOST_OPEN), api().jobs(ENDED, length)]);
      const items = now.jobs.map(itemOf);
      set({
        running: shared(
          items.filter(({ state }) => state === 'running'),
          get().running,
        ),
        pending: shared(items.filter(({ state }) => state === 'queued').sort(byNumber), get().pending),
        history: shared(ended.jobs.map(itemOf), get().history),
        hasMore: ended.pagination.has_more,
        problem: null,
      });
      if (!now.pagination.has_more) settleMissing(open, new Set(now.jobs.map(({ id }) => id)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      set({ problem: error });
    }
  };
  /** One question at a time; what changes meanwhile is asked for once more. */
  const refresh = (): Promise<void> => {
    if (asking !== null) {
      isAgain = true;
      return asking;
    }
    asking = ask().finally(() => {
      asking = null;
      if (!isAgain) return;
      isAgain = false;
      void refresh();
    });
    return asking;
  };
  const refreshing = async (done: Promise<void>): Promise<void> => {
    await done;
    await refresh();
  };
  return {
    running: [],
    pending: [],
    history: [],
    hasMore: false,
    problem: null,
    refresh,
    loadMore: async () => {
      const before = get().history;
      const { jobs, pagination } = await api().jobs(ENDED, PAGE, before.length);
      const known = new Set(before.map(({ id }) => id));
      const more = jobs.filter(({ id }) => !known.has(id)).map(itemOf);
      set((state) => ({ history: [...state.history, ...more], hasMore: pagination.has_more }));
    },
    cancel: (id) => refreshing(cancelled(id)),
    move: async (id, before) => {
      set(({ pending }) => ({ pending: reordered(pending, id, before) }));
      await api().move(id, before).finally(refresh);
    },
    retry: async (id) => {
      await useRuns.getState().retry(id);
      await refresh();
    },
    clearPending: () => refreshing(api().cancel({ clear: true })),
    removeFromHistory: (id) => refreshing(api().forget({ delete: [id] })),
    clearHistory: () => refreshing(api().forget({ clear: true })),
    details: detailsOf,
  };
});

/** A run may begin between a look at the queue and this, so both ways of ending it are gone. */
async function cancelled(id: string): Promise<void> {
  await api().cancel({ delete: [id] });
  await api().interrupt(id);
}

async function detailsOf(id: string): Promise<HistoryDetail | null> {
  const job = await api().job(id);
  if (job === null) return null;
  const { prompt, extra_data } = job.workflow;
  const about = extra_data.extra_pnginfo;
  const isObject = typeof about === 'object' && about !== null && !Array.isArray(about);
  const workflow = isObject ? ((about as JsonObject).workflow ?? null) : null;
  return { id, files: filesOf(job.outputs), workflow, prompt };
}

function itemOf(job: Job): QueueItem {
  const failure = job.execution_error ? readFailure(job.execution_error) : null;
  const preview = job.preview_output ?? null;
  return {
    id: job.id,
    state: STATES[job.status],
    number: job.priority,
    document: useRuns.getState().runs.get(job.id)?.document ?? documentOfRun(job.id),
    name: job.workflow_name ?? null,
    submittedAt: serverClock.local(job.create_time),
    startedAt: localOr(job.execution_start_time),
    endedAt: localOr(job.execution_end_time),
    preview: preview && { filename: preview.filename, subfolder: preview.subfolder, type: preview.type },
    outputs: job.outputs_count,
    problem: failure === null ? null : failure.message || failure.type,
  };
}

function localOr(time: number | undefined): number | null {
  return time === undefined ? null : serverClock.local(time);
}

/** The waiting runs with one of them put before another one, or last. */
export function reordered(
  pending: readonly QueueItem[],
  id: string,
  before: string | null,
): readonly QueueItem[] {
  const moved = pending.find((item) => item.id === id);
  if (moved === undefined || id === before) return pending;
  const others = pending.filter((item) => item !== moved);
  const at = before === null ? others.length : others.findIndex((item) => item.id === before);
  return at < 0 ? pending : others.toSpliced(at, 0, moved);
}

function byNumber(one: QueueItem, other: QueueItem): number {
  return one.number - other.number || one.submittedAt - other.submittedAt;
}

/** The new list with the old object of each item that did not change, so that its row is not drawn again. */
function shared(items: readonly QueueItem[], before: readonly QueueItem[]): readonly QueueItem[] {
  const known = new Map(before.map((item) => [item.id, item]));
  const found = items.map((item) => {
    const old = known.get(item.id);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(item) ? old : item;
  });
  const isSame = found.length === before.length && found.every((item, index) => item === before[index]);
  return isSame ? before : found;
}

/** Runs of ours that are open as far as we know, and that the server knows of. */
function openRuns(): readonly string[] {
  const runs = [...useRuns.getState().runs.values()];
  return runs.filter((run) => isOpen(run) && isAnswered(run.id)).map(({ id }) => id);
}

/** Of those that the server has no longer in its queue, ask what became. */
function settleMissing(open: readonly string[], known: ReadonlySet<string>): void {
  for (const id of open) if (!known.has(id)) void runListener.settle(id);
}
