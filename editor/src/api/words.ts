/** What goes over the wire, as types and as the schemas that check it: answers are foreign data until they passed here. */

import * as v from 'valibot';
import type { Json, JsonObject } from '../model/types';

/** A file that the server can show, in the words of its `/view`. */
export interface FileReference {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const anyObject = v.custom<JsonObject>(isObject, 'expected an object');
export const anyJson = v.custom<Json>(() => true);
/** Whole numbers of the server that matter as numbers; one beyond 2^53 would come as a bigint. */
const count = v.pipe(
  v.union([v.number(), v.bigint()]),
  v.transform((value) => Number(value)),
);

export const fileReference = v.object({
  filename: v.string(),
  subfolder: v.optional(v.string(), ''),
  type: v.optional(v.string(), 'output'),
});

/** One error as the server tells it, of a node or of a workflow as a whole. */
export const errorEntry = v.object({
  type: v.optional(v.string(), 'unknown'),
  message: v.optional(v.string(), ''),
  details: v.optional(v.string(), ''),
  extra_info: v.optional(v.nullable(anyObject), null),
});
export type ErrorEntry = v.InferOutput<typeof errorEntry>;

export const nodeErrors = v.record(
  v.string(),
  v.object({
    errors: v.optional(v.array(errorEntry), []),
    dependent_outputs: v.optional(v.array(v.string()), []),
    class_type: v.optional(v.nullable(v.string()), null),
  }),
);
export type NodeErrors = v.InferOutput<typeof nodeErrors>;

export const promptAnswer = v.object({
  prompt_id: v.string(),
  number: v.optional(count, 0),
  node_errors: v.optional(nodeErrors, {}),
});
export type PromptAnswer = v.InferOutput<typeof promptAnswer>;

export interface PromptRequest {
  readonly prompt: JsonObject;
  readonly client_id: string;
  readonly prompt_id?: string;
  readonly extra_data: JsonObject;
  readonly front?: boolean;
  readonly partial_execution_targets?: readonly string[];
}

const queueItem = v.pipe(
  v.array(anyJson),
  v.transform((item) => ({
    number: Number(item[0]),
    id: String(item[1]),
    prompt: isObject(item[2]) ? item[2] : {},
    extra: isObject(item[3]) ? item[3] : {},
  })),
);
export const queueAnswer = v.object({
  queue_running: v.array(queueItem),
  queue_pending: v.array(queueItem),
});
export type QueueAnswer = v.InferOutput<typeof queueAnswer>;

export const JOB_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const job = v.object({
  id: v.string(),
  status: v.picklist(JOB_STATUSES),
  priority: v.optional(count, 0),
  create_time: v.optional(count, 0),
  execution_start_time: v.optional(count),
  execution_end_time: v.optional(count),
  outputs_count: v.optional(count, 0),
  preview_output: v.optional(v.nullable(v.looseObject({ ...fileReference.entries }))),
  execution_error: v.optional(v.nullable(anyObject)),
  workflow_id: v.optional(v.nullable(v.string())),
  /** What the workflow was called when it was handed in. */
  workflow_name: v.optional(v.nullable(v.string())),
});
export type Job = v.InferOutput<typeof job>;

export const jobsAnswer = v.object({
  jobs: v.array(job),
  pagination: v.object({ offset: count, limit: count, total: count, has_more: v.boolean() }),
});
export type JobsAnswer = v.InferOutput<typeof jobsAnswer>;

export const jobDetail = v.object({
  ...job.entries,
  workflow: v.optional(
    v.object({ prompt: v.optional(anyObject, {}), extra_data: v.optional(anyObject, {}) }),
    {},
  ),
  outputs: v.optional(v.record(v.string(), anyObject), {}),
  execution_meta: v.optional(v.record(v.string(), anyObject), {}),
});
export type JobDetail = v.InferOutput<typeof jobDetail>;

export const historyEntry = v.object({
  prompt: v.optional(queueItem),
  outputs: v.optional(v.record(v.string(), anyObject), {}),
  status: v.optional(
    v.object({
      status_str: v.optional(v.string(), ''),
      completed: v.optional(v.boolean(), false),
      messages: v.optional(v.array(v.tuple([v.string(), anyObject])), []),
    }),
  ),
});
export type HistoryEntry = v.InferOutput<typeof historyEntry>;
export const historyAnswer = v.record(v.string(), historyEntry);

export const runEvent = v.object({ seq: count, type: v.string(), data: anyObject, at: v.optional(count, 0) });
export const runEventsAnswer = v.object({ events: v.array(runEvent), last: count });
export type RunEventsAnswer = v.InferOutput<typeof runEventsAnswer>;

/** What is needed of a run as our own routes tell it. */
export const runSummary = v.object({ id: v.string() });

export const userFile = v.object({
  path: v.string(),
  size: v.optional(count, 0),
  modified: v.optional(count, 0),
});
export type UserFile = v.InferOutput<typeof userFile>;

export const uploaded = v.object({ name: v.string(), subfolder: v.string(), type: v.string() });
export type Uploaded = v.InferOutput<typeof uploaded>;

export const names = v.array(v.string());
