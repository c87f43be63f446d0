/** What is told of a run, over the websocket or from its log, as typed events. */

import * as v from 'valibot';
import type { JsonObject } from '../model/types';
import { anyObject } from './words';

export type StateOnWire = 'pending' | 'running' | 'finished' | 'error';

export interface NodeProgress {
  readonly state: StateOnWire;
  readonly value: number;
  readonly max: number;
  /** How long it took, null where that was not said. */
  readonly seconds: number | null;
}

export interface Failure {
  /** Empty where no node was to blame. */
  readonly node: string;
  readonly nodeType: string;
  readonly type: string;
  readonly message: string;
  readonly traceback: readonly string[];
  /** What a worker found wrong with the workflow itself. */
  readonly problems: readonly JsonObject[];
}

/** `node` is the id of a node as it was drawn, which for what grew out of a node is that node's. */
export type RunEvent =
  /** `at`: milliseconds since 1970 by the server's clock; `toRun`: how many nodes are to run. Null where not said. */
  | {
      readonly kind: 'start';
      readonly run: string;
      readonly at: number | null;
      readonly toRun: number | null;
    }
  | { readonly kind: 'cached'; readonly run: string; readonly nodes: readonly string[] }
  | { readonly kind: 'states'; readonly run: string; readonly nodes: ReadonlyMap<string, NodeProgress> }
  | { readonly kind: 'executing'; readonly run: string; readonly node: string }
  | {
      readonly kind: 'progress';
      readonly run: string;
      readonly node: string;
      readonly value: number;
      readonly max: number;
    }
  | { readonly kind: 'executed'; readonly run: string; readonly node: string; readonly output: JsonObject }
  | { readonly kind: 'success'; readonly run: string }
  | { readonly kind: 'error'; readonly run: string; readonly failure: Failure }
  | { readonly kind: 'interrupted'; readonly run: string; readonly node: string }
  | { readonly kind: 'end'; readonly run: string };

const text = v.optional(v.nullable(v.string()));
const amount = v.optional(v.number(), 0);
const ofRun = { prompt_id: v.string() };

const nodeState = v.object({
  state: v.picklist(['pending', 'running', 'finished', 'error']),
  value: amount,
  max: v.optional(v.number(), 1),
  seconds: v.optional(v.nullable(v.number()), null),
  display_node_id: text,
});

const schemas = {
  execution_start: v.object({
    ...ofRun,
    timestamp: v.optional(v.nullable(v.number()), null),
    to_run: v.optional(v.nullable(v.number()), null),
  }),
  execution_cached: v.object({ ...ofRun, nodes: v.array(v.string()) }),
  progress_state: v.object({ ...ofRun, nodes: v.record(v.string(), nodeState) }),
  executing: v.object({ ...ofRun, node: v.nullable(v.string()), display_node: text }),
  progress: v.object({ ...ofRun, node: v.string(), value: amount, max: v.optional(v.number(), 1) }),
  executed: v.object({
    ...ofRun,
    node: v.string(),
    display_node: text,
    output: v.optional(v.nullable(anyObject)),
  }),
  execution_success: v.object(ofRun),
  execution_error: v.object({
    prompt_id: v.optional(v.string(), ''),
    node_id: v.optional(v.nullable(v.string()), ''),
    node_type: v.optional(v.nullable(v.string()), ''),
    exception_type: v.optional(v.string(), ''),
    exception_message: v.optional(v.string(), ''),
    traceback: v.optional(v.array(v.string()), []),
    problems: v.optional(v.array(anyObject), []),
  }),
  execution_interrupted: v.object({ ...ofRun, node_id: v.optional(v.nullable(v.string()), '') }),
} as const;

type Name = keyof typeof schemas;
type Read = { readonly [N in Name]: (data: v.InferOutput<(typeof schemas)[N]>) => RunEvent };

const read: Read = {
  execution_start: ({ prompt_id, timestamp, to_run }) => ({
    kind: 'start',
    run: prompt_id,
    at: timestamp,
    toRun: to_run,
  }),
  execution_cached: (data) => ({ kind: 'cached', run: data.prompt_id, nodes: data.nodes }),
  progress_state: (data) => ({ kind: 'states', run: data.prompt_id, nodes: states(data.nodes) }),
  executing: (data) => {
    const node = data.node === null ? null : (data.display_node ?? data.node);
    return node === null
      ? { kind: 'end', run: data.prompt_id }
      : { kind: 'executing', run: data.prompt_id, node };
  },
  progress: ({ prompt_id, node, value, max }) => ({ kind: 'progress', run: prompt_id, node, value, max }),
  executed: (data) => ({
    kind: 'executed',
    run: data.prompt_id,
    node: data.display_node ?? data.node,
    output: data.output ?? {},
  }),
  execution_success: (data) => ({ kind: 'success', run: data.prompt_id }),
  execution_error: (data) => ({ kind: 'error', run: data.prompt_id, failure: failure(data) }),
  execution_interrupted: (data) => ({
    kind: 'interrupted',
    run: data.prompt_id,
    node: data.node_id ?? '',
  }),
};

function isName(type: string): type is Name {
  return Object.hasOwn(schemas, type);
}

/** Null for what the editor does not know, or what does not have the shape it should have. */
export function readRunEvent(type: string, data: unknown): RunEvent | null {
  return isName(type) ? readAs(type, data) : null;
}

function readAs<N extends Name>(name: N, data: unknown): RunEvent | null {
  const schema: v.GenericSchema<unknown, v.InferOutput<(typeof schemas)[N]>> = schemas[name] as never;
  const found = v.safeParse(schema, data);
  return found.success ? read[name](found.output) : null;
}

/** Why a run failed, from the payload that the log, the queue and the history repeat. */
export function readFailure(data: unknown): Failure | null {
  const found = v.safeParse(schemas.execution_error, data);
  return found.success ? failure(found.output) : null;
}

function failure(data: v.InferOutput<(typeof schemas)['execution_error']>): Failure {
  return {
    node: data.node_id ?? '',
    nodeType: data.node_type ?? '',
    type: data.exception_type,
    message: data.exception_message.trim(),
    traceback: data.traceback,
    problems: data.problems,
  };
}

type States = v.InferOutput<(typeof schemas)['progress_state']>['nodes'];

/** By drawn node; of several that stand in one place, one that is at work is shown, and their seconds add up. */
function states(nodes: States): ReadonlyMap<string, NodeProgress> {
  const found = new Map<string, NodeProgress>();
  for (const [id, { state, value, max, seconds, display_node_id }] of Object.entries(nodes)) {
    const shown = display_node_id ?? id;
    const before = found.get(shown);
    const sum = seconds === null ? (before?.seconds ?? null) : seconds + (before?.seconds ?? 0);
    if (before?.state === 'running') found.set(shown, { ...before, seconds: sum });
    else found.set(shown, { state, value, max, seconds: sum });
  }
  return found;
}
