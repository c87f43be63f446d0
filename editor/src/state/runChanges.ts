/** What an event makes of everything that is known of runs, as functions of that. */

import type { RunEvent } from '../api/runEvents';
import { readOutput } from './outputs';
import { problemsOfFailure, withProblems } from './problems';
import { advancedRun, type Moment, newRun, stopped } from './runProgress';
import { isOpen, type NodeOutput, type Problem, type Run, type RunState, type RunsData } from './runTypes';

/** Runs that have ended and are still known; the oldest are forgotten. */
const MOST_ENDED = 60;

export function withRun(data: RunsData, run: Run): Partial<RunsData> {
  const isNew = !data.runs.has(run.id);
  const runs = new Map(data.runs).set(run.id, run);
  return { runs: isNew ? pruned(runs, new Set(data.shown.values())) : runs };
}

function pruned(runs: Map<string, Run>, shown: ReadonlySet<string>): Map<string, Run> {
  const ended = [...runs.values()].filter((run) => !isOpen(run) && !shown.has(run.id));
  for (const run of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) runs.delete(run.id);
  return runs;
}

/** A run that was handed in here; it is shown at once unless another one of its document is still open. */
export function withSubmitted(data: RunsData, run: Run): Partial<RunsData> {
  return { ...withRun(data, run), ...showing(data, run, false) };
}

export function withoutRun(data: RunsData, id: string): Partial<RunsData> {
  const runs = new Map(data.runs);
  runs.delete(id);
  return { runs, shown: new Map([...data.shown].filter(([, shown]) => shown !== id)) };
}

/** The run that is at work is shown on its document, whatever was read of others meanwhile. */
export function withRunningShown(data: RunsData, document: string): Partial<RunsData> {
  const running = [...data.runs.values()].findLast(
    (run) => run.document === document && run.state === 'running',
  );
  return running === undefined ? {} : showing(data, running, true);
}

function showing(data: RunsData, run: Run, always: boolean): Partial<RunsData> {
  if (run.document === null) return {};
  const now = data.shown.get(run.document);
  const before = now === undefined ? undefined : data.runs.get(now);
  if (now === run.id || (!always && before !== undefined && isOpen(before))) return {};
  return { shown: new Map(data.shown).set(run.document, run.id) };
}

/** Everything after an event. `document`: where a run came from that was not known yet. */
export function applied(
  data: RunsData,
  event: RunEvent,
  moment: Moment,
  document: (run: string) => string | null,
): Partial<RunsData> {
  const before =
    data.runs.get(event.run) ?? newRun(event.run, document(event.run), { submittedAt: moment.at });
  const run = advancedRun(before, event, moment);
  const isBegun = run.state === 'running' && (before.state !== 'running' || event.kind === 'start');
  const changed = run === data.runs.get(run.id) ? {} : withRun(data, run);
  const quiet = event.kind === 'start' && run.document !== null ? withoutTexts(data, run.document) : {};
  return { ...changed, ...(isBegun ? showing(data, run, true) : {}), ...quiet, ...told(data, run, event) };
}

function withoutTexts(data: RunsData, document: string): Partial<RunsData> {
  if (!data.texts.has(document)) return {};
  return { texts: new Map([...data.texts].filter(([id]) => id !== document)) };
}

/** What a node says of what it is at; it stays until the next run begins. */
export function withText(data: RunsData, document: string, node: string, text: string): Partial<RunsData> {
  const ofDocument = data.texts.get(document);
  if (ofDocument?.get(node) === text) return {};
  return { texts: new Map(data.texts).set(document, new Map(ofDocument).set(node, text)) };
}

function told(data: RunsData, run: Run, event: RunEvent): Partial<RunsData> {
  if (run.document === null) return {};
  if (event.kind === 'executed') {
    return withOutputs(data, run.document, [[event.node, readOutput(event.output)]]);
  }
  if (event.kind !== 'error') return {};
  return withMoreProblems(data, run.document, problemsOfFailure(event.failure, run.origins));
}

export function withOutputs(
  data: RunsData,
  document: string,
  outputs: Iterable<readonly [string, NodeOutput]>,
): Partial<RunsData> {
  const ofDocument = new Map(data.outputs.get(document));
  for (const [node, output] of outputs) ofDocument.set(node, output);
  return { outputs: new Map(data.outputs).set(document, ofDocument) };
}

export function withMoreProblems(
  data: RunsData,
  document: string,
  more: readonly Problem[],
): Partial<RunsData> {
  const known = data.problems.get(document) ?? [];
  return withProblemsOf(data, document, withProblems(known, more));
}

export function withProblemsOf(
  data: RunsData,
  document: string,
  problems: readonly Problem[],
): Partial<RunsData> {
  if (problems === (data.problems.get(document) ?? problems) && problems.length === 0) return {};
  const all = new Map(data.problems);
  if (problems.length === 0) all.delete(document);
  else all.set(document, problems);
  return { problems: all };
}

/** How a run ended, where no event said so. */
export function withEnding(data: RunsData, id: string, state: RunState, at: number): Partial<RunsData> {
  const run = data.runs.get(id);
  if (run === undefined || !isOpen(run)) return {};
  const ended = stopped(run, state, at);
  return withRun(data, state === 'done' ? { ...ended, progress: 1 } : ended);
}
