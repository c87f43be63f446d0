/** Hears what is told of runs, from the socket and from the log, without gap or repetition. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { SocketEvent } from '../api/frames';
import { type RunEvent, readFailure, readRunEvent } from '../api/runEvents';
import { serverClock } from '../api/serverClock';
import type { JobDetail, JobStatus } from '../api/words';
import { readOutput } from './outputs';
import type { Previews } from './previews';
import { problemsOfFailure } from './problems';
import { applied, withEnding, withMoreProblems, withOutputs, withText } from './runChanges';
import { documentOfRun } from './runDocuments';
import type { Moment } from './runProgress';
import { isOpen, type Run, type RunState, type RunStore } from './runTypes';

type Told = Extract<SocketEvent, { kind: 'run' }>;

/** Runs of which it is remembered how far they were heard. */
const MOST_HEARD = 1000;

const ENDINGS: Readonly<Partial<Record<JobStatus, RunState>>> = {
  completed: 'done',
  failed: 'failed',
  cancelled: 'interrupted',
};

export class RunListener {
  /** The number of the last message of each run that was heard. */
  private readonly heard = new Map<string, number>();
  /** What came while the log of a run is read. */
  private readonly held = new Map<string, Told[]>();

  constructor(
    private readonly store: RunStore,
    private readonly previews: Previews,
    private readonly wantsPreviews: () => boolean,
  ) {}

  hear(event: SocketEvent): void {
    if (event.kind === 'run') this.hearRun(event);
    else if (event.kind === 'preview') this.hearPreview(event);
    else if (event.kind === 'text') this.hearText(event);
  }

  private hearRun(told: Told): void {
    const { event, sequence } = told;
    const held = this.held.get(event.run);
    if (held !== undefined) {
      held.push(told);
      return;
    }
    if (sequence !== null && sequence > 0) {
      const last = this.heard.get(event.run) ?? 0;
      if (sequence <= last) return;
      if (sequence > last + 1 && this.isOurs(event.run)) {
        void this.catchUp(event.run, told);
        return;
      }
      this.hasHeard(event.run, sequence);
    }
    this.apply(event, { at: Date.now(), isLogged: false });
  }

  private hasHeard(run: string, sequence: number): void {
    this.heard.set(run, sequence);
    const [oldest] = this.heard.keys();
    if (this.heard.size > MOST_HEARD && oldest !== undefined) this.heard.delete(oldest);
  }

  private isOurs(run: string): boolean {
    return (this.store.getState().runs.get(run)?.document ?? documentOfRun(run)) !== null;
  }

  private apply(told: RunEvent, moment: Moment): void {
    const event =
      told.kind === 'start' && told.at !== null ? { ...told, at: serverClock.local(told.at) } : told;
    this.store.setState((state) => applied(state, event, moment, documentOfRun));
    const run = this.store.getState().runs.get(event.run);
    if (run === undefined) return;
    if (event.kind === 'start' && run.document !== null) this.previews.drop(run.document);
    if (event.kind === 'executed' && run.document !== null) this.previews.drop(run.document, event.node);
    if (!isOpen(run)) this.ended(run);
    else if (event.kind === 'end') void this.settle(run.id);
  }

  private ended(run: Run): void {
    if (run.document === null) return;
    if (this.store.getState().shown.get(run.document) === run.id) this.previews.drop(run.document);
  }

  private hearPreview({ run: id, node, image }: Extract<SocketEvent, { kind: 'preview' }>): void {
    if (!this.wantsPreviews()) return;
    const run = id === null ? this.running() : this.store.getState().runs.get(id);
    if (run === undefined || run.document === null || !isOpen(run)) return;
    const place = node ?? [...run.nodes].find(([, { state }]) => state === 'running')?.[0];
    if (place !== undefined) this.previews.show(run.document, place, image);
  }

  /** The wire does not say of which run: it is the one in which that node is at work, or was last. */
  private hearText({ node, text }: Extract<SocketEvent, { kind: 'text' }>): void {
    const running = [...this.store.getState().runs.values()].filter((run) => run.state === 'running');
    const run =
      running.find(({ nodes }) => nodes.get(node)?.state === 'running') ??
      running.findLast(({ nodes }) => nodes.has(node)) ??
      (running.length === 1 ? running[0] : undefined);
    const document = run?.document ?? null;
    if (document !== null) this.store.setState((state) => withText(state, document, node, text));
  }

  /** The run that a message without a name is about. */
  private running(): Run | undefined {
    return [...this.store.getState().runs.values()].find((run) => run.state === 'running');
  }

  // The log

  /** From now on this run is as if nothing had been heard of it. */
  forget(run: string): void {
    this.heard.delete(run);
  }

  /** Read what was told of a run and not heard here; what comes meanwhile waits. */
  async catchUp(run: string, ...waiting: readonly Told[]): Promise<void> {
    if (this.held.has(run)) return;
    this.held.set(run, [...waiting]);
    try {
      await this.readLog(run);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) this.store.setState((state) => withEnding(state, run, 'lost', Date.now()));
    } finally {
      const held = this.held.get(run) ?? [];
      this.held.delete(run);
      for (const told of held) this.release(told);
    }
  }

  private async readLog(run: string): Promise<void> {
    for (;;) {
      const since = this.heard.get(run) ?? 0;
      const { events, last } = await api().runEvents(run, since);
      if (events.length === 0 || last <= since) return;
      this.hasHeard(run, last);
      for (const { type, data, at } of events) {
        const event = readRunEvent(type, data);
        if (event !== null) this.apply(event, { at: serverClock.local(at * 1000), isLogged: true });
      }
    }
  }

  /** What waited is taken as it is: where the log has a gap, asking again would not close it. */
  private release({ event, sequence }: Told): void {
    if (sequence !== null && sequence > 0) {
      if (sequence <= (this.heard.get(event.run) ?? 0)) return;
      this.hasHeard(event.run, sequence);
    }
    this.apply(event, { at: Date.now(), isLogged: false });
  }

  /** Ask what became of a run of which nothing more is told. */
  async settle(id: string): Promise<void> {
    try {
      const job = await api().job(id);
      const state = job === null ? 'lost' : ENDINGS[job.status];
      if (state === undefined) return;
      const ended = job?.execution_end_time;
      const at = ended === undefined ? Date.now() : serverClock.local(ended);
      this.store.setState((data) => withEnding(data, id, state, at));
      if (job !== null) this.tellJob(job);
      const run = this.store.getState().runs.get(id);
      if (run !== undefined) this.ended(run);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** What a run that has ended showed, and why it failed. */
  tellJob(job: JobDetail): void {
    const run = this.store.getState().runs.get(job.id);
    const document = run?.document ?? null;
    if (run === undefined || document === null) return;
    const outputs = Object.entries(job.outputs).map(
      ([node, raw]) => [shownAt(job, node), readOutput(raw)] as const,
    );
    this.store.setState((data) => withOutputs(data, document, outputs));
    const failure = job.execution_error ? readFailure(job.execution_error) : null;
    if (failure === null) return;
    const problems = problemsOfFailure(failure, run.origins);
    this.store.setState((data) => withMoreProblems(data, document, problems));
  }
}

/** Where a node was drawn: what grew out of a node shows on that one. */
function shownAt(job: JobDetail, node: string): string {
  const shown = job.execution_meta[node]?.display_node;
  return typeof shown === 'string' ? shown : node;
}
