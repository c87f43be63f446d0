/** What an event makes of a run: functions from runs to runs. */

import type { NodeProgress, RunEvent, StateOnWire } from '../api/runEvents';
import type { NodeRun, NodeState, Origins, Run, RunState } from './runTypes';

const STATES: Readonly<Record<StateOnWire, NodeState>> = {
  pending: 'waiting',
  running: 'running',
  finished: 'done',
  error: 'failed',
};

export function newRun(
  id: string,
  document: string | null,
  about: { readonly total?: number; readonly origins?: Origins; readonly submittedAt?: number } = {},
): Run {
  return {
    id,
    document,
    state: 'queued',
    nodes: new Map(),
    total: about.total ?? 0,
    toRun: null,
    progress: 0,
    origins: about.origins ?? new Map(),
    submittedAt: about.submittedAt ?? Date.now(),
    startedAt: null,
    endedAt: null,
  };
}

/** When something happened, in milliseconds since 1970, and whether it was read from the log. */
export interface Moment {
  readonly at: number;
  readonly isLogged: boolean;
}

/** The run after an event. */
export function advancedRun(run: Run, event: RunEvent, { at, isLogged }: Moment): Run {
  switch (event.kind) {
    case 'start':
      return startedRun(run, event.at ?? at, event.toRun);
    case 'cached':
      return withNodes(run, cachedNodes(run, event.nodes));
    case 'states':
      return withNodes(running(run), stateNodes(run, event.nodes, at));
    case 'executing':
      return withNodes(running(run), [
        // The log does not say when a node was done: only that the next one began.
        ...(isLogged ? endedNodes(run, 'done', at) : []),
        [event.node, begun(run.nodes.get(event.node), at)],
      ]);
    case 'progress':
      return withNodes(running(run), [
        [event.node, { ...begun(run.nodes.get(event.node), at), value: event.value, max: event.max }],
      ]);
    case 'executed':
      return withNodes(run, [[event.node, ended(run.nodes.get(event.node), 'done', at)]]);
    case 'success':
      return { ...withNodes(run, endedNodes(run, 'done', at)), state: 'done', progress: 1, endedAt: at };
    case 'error':
      return failedRun(run, event, at);
    case 'interrupted':
      return stopped(run, 'interrupted', at);
    case 'end':
      return run;
  }
}

/** A run of which it is known by other ways how it ended. */
export function stopped(run: Run, state: RunState, at: number): Run {
  return { ...withNodes(run, endedNodes(run, 'waiting', at)), state, endedAt: at };
}

/** A run whose worker died begins anew. */
function startedRun(run: Run, startedAt: number, toRun: number | null): Run {
  return { ...run, state: 'running', startedAt, toRun, endedAt: null, nodes: new Map(), progress: 0 };
}

/** Live messages may come before those of the log that a reload missed; only that one says when it began. */
function running(run: Run): Run {
  return run.state === 'queued' ? { ...run, state: 'running' } : run;
}

/** The run with what is known of it by other ways; its progress is told anew. */
export function withAbout(run: Run, about: Partial<Pick<Run, 'document' | 'total' | 'startedAt'>>): Run {
  const known = { ...run, ...about };
  return { ...known, progress: isOver(known) ? known.progress : progressOf(known) };
}

function isOver({ state }: Run): boolean {
  return state !== 'queued' && state !== 'running';
}

function failedRun(run: Run, event: RunEvent & { kind: 'error' }, at: number): Run {
  const { node, type } = event.failure;
  const failed: Iterable<readonly [string, NodeRun]> =
    node === '' ? [] : [[node, ended(run.nodes.get(node), 'failed', at)]];
  // A node that was kept from running by another one ends nothing but itself.
  if (type === 'ExecutionBlocked') return withNodes(run, failed);
  return {
    ...withNodes(stopped(run, 'failed', at), failed),
    state: type === 'WorkerLost' ? 'lost' : 'failed',
  };
}

// Nodes

const UNKNOWN: NodeRun = { state: 'waiting', value: 0, max: 1, seconds: null, since: null };

function begun(node: NodeRun | undefined, at: number): NodeRun {
  return node?.state === 'running' ? node : { ...UNKNOWN, state: 'running', since: at };
}

function ended(node: NodeRun | undefined, state: NodeState, at: number): NodeRun {
  if (node === undefined) return { ...UNKNOWN, state, value: 1 };
  if (node.state === 'cached' || (node.state === state && node.state !== 'running')) return node;
  const seconds = node.since === null ? null : Math.max(0, at - node.since) / 1000;
  return { ...node, state, seconds, value: state === 'done' ? node.max : node.value };
}

function cachedNodes(run: Run, ids: readonly string[]): Iterable<readonly [string, NodeRun]> {
  return ids
    .filter((id) => run.nodes.get(id)?.state !== 'cached')
    .map((id) => [id, { ...UNKNOWN, state: 'cached', value: 1 }] as const);
}

/** All that were at work when the run ended. */
function endedNodes(run: Run, state: NodeState, at: number): readonly (readonly [string, NodeRun])[] {
  return [...run.nodes]
    .filter(([, node]) => node.state === 'running')
    .map(([id, node]) => [id, ended(node, state, at)] as const);
}

function stateNodes(
  run: Run,
  told: ReadonlyMap<string, NodeProgress>,
  at: number,
): Iterable<readonly [string, NodeRun]> {
  return [...told].map(([id, progress]) => [id, toldNode(run.nodes.get(id), progress, at)] as const);
}

function toldNode(
  node: NodeRun | undefined,
  { state, value, max, seconds }: NodeProgress,
  at: number,
): NodeRun {
  if (state === 'running') {
    const now = begun(node, at);
    return now.value === value && now.max === max ? now : { ...now, value, max };
  }
  if (state === 'pending') return node ?? UNKNOWN;
  const over = ended(node, STATES[state], at);
  // Later snapshots may tell of a part of what grew out of a node only.
  const known =
    node !== undefined && node.state === over.state ? Math.max(node.seconds ?? 0, seconds ?? 0) : seconds;
  return seconds === null || known === over.seconds ? over : { ...over, seconds: known };
}

function withNodes(run: Run, changes: Iterable<readonly [string, NodeRun]>): Run {
  let nodes: Map<string, NodeRun> | null = null;
  for (const [id, node] of changes) {
    if (run.nodes.get(id) === node) continue;
    nodes ??= new Map(run.nodes);
    nodes.set(id, node);
  }
  return nodes === null ? run : { ...run, nodes, progress: progressOf({ ...run, nodes }) };
}

/** A function of what was told of the run alone, so that it is the same before and after a reload. */
function progressOf({ nodes, total, toRun }: Pick<Run, 'nodes' | 'total' | 'toRun'>): number {
  let [done, seen] = [0, 0];
  for (const { state, value, max } of nodes.values()) {
    if (state === 'cached') continue;
    seen += 1;
    if (state === 'done') done += 1;
    else if (state === 'running' && max > 0) done += Math.min(1, value / max);
  }
  if (toRun === null && total === 0) return 0;
  return Math.min(1, done / Math.max(1, seen, toRun ?? total - (nodes.size - seen)));
}
