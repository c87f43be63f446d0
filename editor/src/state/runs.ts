/** What becomes of the workflows that were handed in: progress, previews, results and errors. Never part of a history. */

import { create } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { api } from '../api/current';
import type { NodeId } from '../model/types';
import { useConnection } from './connection';
import { activeDocument, activeOf, useDocuments } from './documents';
import { Previews } from './previews';
import { executionId } from './problems';
import { adoptRun, catchUpAll, resumeRuns } from './resuming';
import { withProblemsOf } from './runChanges';
import { documentOfRun } from './runDocuments';
import { RunListener } from './runListener';
import {
  isOpen,
  type NodeOutput,
  type NodeRun,
  type Problem,
  type Run,
  type RunsState,
  type SubmitOptions,
} from './runTypes';
import { useSettings } from './settings';
import { submitActive } from './submission';

export type * from './runTypes';

export const useRuns = create<RunsState>()((set, get, store) => ({
  runs: new Map(),
  shown: new Map(),
  previews: new Map(),
  outputs: new Map(),
  texts: new Map(),
  problems: new Map(),
  submitting: false,
  submit: (options: SubmitOptions = {}) => submitActive(store, options),
  interrupt: async () => {
    const { id } = activeDocument();
    const running = [...get().runs.values()].find((run) => run.document === id && run.state === 'running');
    await api().interrupt(running?.id);
  },
  resume: () => resumeRuns(store, runListener),
  retry: async (id) => {
    const again = await api().retry(id, useConnection.getState().clientId);
    const document = get().runs.get(id)?.document ?? documentOfRun(id);
    if (document !== null) await adoptRun(store, runListener, again, document);
    return again;
  },
  clearProblems: (document) => set((state) => withProblemsOf(state, document, [])),
}));

const previews = new Previews(useRuns);
export const runListener = new RunListener(useRuns, previews, () => useSettings.getState().previews);

/** After the server could not be heard for a while. */
export async function catchUpRuns(): Promise<void> {
  await catchUpAll(useRuns, runListener);
}

/** Forgets what was shown on documents that are closed now; open ones keep everything. */
export function forgetClosed(open: ReadonlySet<string>): void {
  for (const document of useRuns.getState().previews.keys()) if (!open.has(document)) previews.drop(document);
  useRuns.setState((state) => {
    const known = [state.outputs, state.texts, state.problems, state.shown].flatMap((all) => [...all.keys()]);
    const closed = known.filter((document) => !open.has(document));
    if (closed.length === 0) return state;
    return {
      outputs: without(state.outputs, closed),
      texts: without(state.texts, closed),
      problems: without(state.problems, closed),
      shown: without(state.shown, closed),
    };
  });
}

function without<Value>(
  all: ReadonlyMap<string, Value>,
  keys: readonly string[],
): ReadonlyMap<string, Value> {
  const left = new Map(all);
  for (const key of keys) left.delete(key);
  return left;
}

// What components look at

const NO_PROBLEMS: readonly Problem[] = [];

/** The document that is shown, and the id under which a node of its open level runs. */
function usePlace(id: NodeId): readonly [document: string, node: string] {
  return useDocuments(
    useShallow((state) => {
      const document = activeOf(state);
      return [document.id, executionId(document.path, id)] as const;
    }),
  );
}

function shownRun(state: RunsState, document: string): Run | null {
  const id = state.shown.get(document);
  return (id === undefined ? undefined : state.runs.get(id)) ?? null;
}

/** How a node of the open level fares in the run that is shown; of a subgraph: all in it taken together. */
export function useNodeRun(id: NodeId): NodeRun | null {
  const [document, node] = usePlace(id);
  return useRuns(
    useShallow((state) => {
      const run = shownRun(state, document);
      return run === null ? null : (run.nodes.get(node) ?? together(run.nodes, `${node}:`));
    }),
  );
}

/** A subgraph is at work as long as something in it is, and done when all that began is. */
function together(nodes: ReadonlyMap<string, NodeRun>, prefix: string): NodeRun | null {
  const inside = [...nodes].filter(([id]) => id.startsWith(prefix)).map(([, node]) => node);
  if (inside.length === 0) return null;
  const has = (state: NodeRun['state']): boolean => inside.some((node) => node.state === state);
  const finished = inside.filter(({ state }) => state === 'done' || state === 'cached').length;
  const part = inside.find(({ state }) => state === 'running');
  const value = finished + (part && part.max > 0 ? part.value / part.max : 0);
  const isOver = !has('running') && finished === inside.length;
  const state = has('failed') ? 'failed' : has('running') ? 'running' : has('done') ? 'done' : 'cached';
  const seconds = inside.reduce((sum, node) => sum + (node.seconds ?? 0), 0);
  return { state, value, max: inside.length, seconds: isOver ? seconds : null, since: part?.since ?? null };
}

/** What belongs to a node, or else the last of what lies in it. */
function ofNode<Value>(all: ReadonlyMap<string, Value> | undefined, node: string): Value | null {
  if (all === undefined) return null;
  const own = all.get(node);
  if (own !== undefined) return own;
  const inside = [...all].findLast(([id]) => id.startsWith(`${node}:`));
  return inside?.[1] ?? null;
}

/** The object URL of the picture a node is making. */
export function usePreview(id: NodeId): string | null {
  const [document, node] = usePlace(id);
  return useRuns((state) => ofNode(state.previews.get(document), node));
}

export function useOutput(id: NodeId): NodeOutput | null {
  const [document, node] = usePlace(id);
  return useRuns((state) => ofNode(state.outputs.get(document), node));
}

/** What a node said of what it is at. */
export function useNodeText(id: NodeId): string | null {
  const [document, node] = usePlace(id);
  return useRuns((state) => ofNode(state.texts.get(document), node));
}

/** The same for what happens outside of rendering. */
export function outputOf(id: NodeId): NodeOutput | null {
  const document = activeDocument();
  return ofNode(useRuns.getState().outputs.get(document.id), executionId(document.path, id));
}

export function useNodeErrors(id: NodeId): readonly Problem[] {
  const [document, node] = usePlace(id);
  return useRuns(
    useShallow((state) => {
      const all = state.problems.get(document);
      return all === undefined ? NO_PROBLEMS : all.filter((problem) => isOf(problem, node));
    }),
  );
}

function isOf({ origin }: Problem, node: string): boolean {
  if (origin === null) return false;
  const place = executionId(origin.path, origin.node);
  return place === node || place.startsWith(`${node}:`);
}

/** The run shown on the active document, for its progress. */
export function useShownRun(): Run | null {
  const document = useDocuments((state) => state.active);
  return useRuns((state) => shownRun(state, document));
}

/** All problems of the active document. */
export function useProblems(): readonly Problem[] {
  const document = useDocuments((state) => state.active);
  return useRuns((state) => state.problems.get(document) ?? NO_PROBLEMS);
}

/** Whether a run of the active document waits or is at work. */
export function useIsRunning(): boolean {
  const document = useDocuments((state) => state.active);
  return useRuns((state) => {
    const run = shownRun(state, document);
    return run !== null && isOpen(run);
  });
}
