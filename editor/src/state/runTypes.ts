/** What is known of runs, as types; `runs.ts` has the store. */

import type { StoreApi } from 'zustand';
import type { FileReference } from '../api/words';
import type { JsonObject, NodeId } from '../model/types';

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'interrupted' | 'lost';
export type NodeState = 'waiting' | 'running' | 'done' | 'cached' | 'failed';

export interface NodeRun {
  readonly state: NodeState;
  readonly value: number;
  readonly max: number;
  /** How long it took, null until it is done. */
  readonly seconds: number | null;
  /** When it began, in milliseconds since 1970; null where that was not heard. */
  readonly since: number | null;
}

/** What a node showed. `raw` has everything, also what the editor does not know. */
export interface NodeOutput {
  readonly images: readonly FileReference[];
  readonly texts: readonly string[];
  readonly raw: JsonObject;
}

/** Where a node stands in the document: its id, and the instances of subgraphs it lies in, from the outside in. */
export interface Origin {
  readonly path: readonly NodeId[];
  readonly node: NodeId;
}

export type Origins = ReadonlyMap<string, Origin>;

/** Something wrong with a workflow or a run, in the server's words. */
export interface Problem {
  /** Its code on the wire, such as `value_not_in_list`. */
  readonly code: string;
  /** Null where no node is to blame. */
  readonly origin: Origin | null;
  /** The input or widget it is about, null for the node as a whole. */
  readonly input: string | null;
  readonly sentence: string;
  /** What to do, empty where the server did not say. */
  readonly remedy: string;
  /** Lines of a traceback, empty for most. */
  readonly traceback: readonly string[];
}

export interface Run {
  readonly id: string;
  /** The document it was handed in from, null if that is not known. */
  readonly document: string | null;
  readonly state: RunState;
  /** By execution id: the ids of the instances around a node and its own, joined by `:`. */
  readonly nodes: ReadonlyMap<string, NodeRun>;
  /** How many nodes have a part in it, those with known results too; 0 as long as that is not known. */
  readonly total: number;
  /** How many of them are to run, as the server said at the begin; null as long as it did not. */
  readonly toRun: number | null;
  /** From 0 to 1: what has run of all that is to run, which results that were known have no part in. */
  readonly progress: number;
  /** Where its nodes stand in the document; empty for a run from before a reload. */
  readonly origins: Origins;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface SubmitOptions {
  /** Ahead of the queue. */
  readonly front?: boolean;
  readonly count?: number;
  /** Only what these nodes of the open level need. */
  readonly targets?: readonly NodeId[];
  /** Another document than the active one. */
  readonly document?: string;
  /** Although the editor finds that the server would refuse it. */
  readonly unchecked?: boolean;
}

/** Which runs were queued, and what the server found wrong. */
export interface Submitted {
  readonly ids: readonly string[];
  readonly problems: readonly Problem[];
}

export interface RunsData {
  /** The newest last. */
  readonly runs: ReadonlyMap<string, Run>;
  /** Which run is shown on the nodes of a document. */
  readonly shown: ReadonlyMap<string, string>;
  /** Object URLs by document and execution id. */
  readonly previews: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The latest by document and execution id. */
  readonly outputs: ReadonlyMap<string, ReadonlyMap<string, NodeOutput>>;
  /** What nodes last said of what they are at, by document and execution id. */
  readonly texts: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By document. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
  /** A submission is on its way to the server. */
  readonly submitting: boolean;
}

export interface RunsState extends RunsData {
  submit(options?: SubmitOptions): Promise<Submitted>;
  /** Stop the active document's run that is at work, or else whatever is. */
  interrupt(): Promise<void>;
  /** After a reload: pick up what goes on. */
  resume(): Promise<void>;
  /** Queue what an ended run was handed in with once more; the id of the new run. */
  retry(id: string): Promise<string>;
  clearProblems(document: string): void;
}

export type RunStore = StoreApi<RunsState>;

export function isOpen(run: Run): boolean {
  return run.state === 'queued' || run.state === 'running';
}
