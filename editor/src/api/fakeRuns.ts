/** The runs of the server in memory: what is told of them is logged and numbered as on the real one. */

import type { JsonObject } from '../model/types';
import { ApiError } from './errors';
import type { JobDetail, JobStatus, PromptRequest, RunEventsAnswer } from './words';

type Tell = (type: string, data: JsonObject, run: string, sequence: number) => void;

interface FakeRun {
  readonly job: JobDetail;
  readonly events: RunEventsAnswer['events'];
}

export class FakeRuns {
  private readonly runs = new Map<string, FakeRun>();
  private clock = 1_800_000_000_000;

  constructor(private readonly send: Tell) {}

  add(id: string, priority: number, request: PromptRequest): void {
    if (this.runs.has(id)) return;
    const workflow = { prompt: request.prompt, extra_data: request.extra_data };
    const { name } = (request.extra_data.editor ?? {}) as { readonly name?: string };
    const job: JobDetail = {
      id,
      ...(name === undefined || name === '' ? {} : { workflow_name: name }),
      status: 'pending',
      priority,
      create_time: this.now(),
      outputs_count: 0,
      workflow,
      outputs: {},
      execution_meta: {},
    };
    this.runs.set(id, { job, events: [] });
  }

  ofStatus(statuses: readonly JobStatus[]): JobDetail[] {
    return [...this.runs.values()].map(({ job }) => job).filter(({ status }) => statuses.includes(status));
  }

  detail(id: string): JobDetail | null {
    return this.runs.get(id)?.job ?? null;
  }

  eventsOf(id: string): RunEventsAnswer['events'] | null {
    return this.runs.get(id)?.events ?? null;
  }

  /** As the real one: a run that waits gets a number between those of its neighbours. */
  move(id: string, before: string | null): void {
    const waiting = this.ofStatus(['pending']).sort((one, other) => one.priority - other.priority);
    if (![id, before ?? id].every((each) => waiting.some((job) => job.id === each))) {
      throw new ApiError('refused', 409, 'not_queued', `run ${id} waits no longer`);
    }
    const others = waiting.filter((job) => job.id !== id);
    const at = before === null ? others.length : others.findIndex((job) => job.id === before);
    const [last, next] = [others[at - 1]?.priority, others[at]?.priority];
    const priority = next === undefined ? (last ?? 0) + 1 : ((last ?? next - 2) + next) / 2;
    this.change(id, { priority });
  }

  forget(isForgotten: (id: string) => boolean): void {
    for (const { job } of this.runs.values()) {
      if (job.status !== 'pending' && job.status !== 'in_progress' && isForgotten(job.id))
        this.runs.delete(job.id);
    }
  }

  // What happens

  /** `isLogged`: false for what is told live only. */
  tell(id: string, type: string, about: JsonObject = {}, isLogged = true): void {
    const run = this.runs.get(id);
    if (run === undefined) return;
    const data = { prompt_id: id, ...about };
    const seq = isLogged ? run.events.length + 1 : 0;
    if (isLogged) run.events.push({ seq, type, data, at: this.now() / 1000 });
    this.send(type, data, id, seq);
  }

  /** `toRun`: null as a server that does not say how many nodes are to run. */
  begin(id: string, cached: readonly string[] = [], toRun: number | null = null): void {
    const timestamp = this.now();
    this.change(id, { status: 'in_progress', execution_start_time: timestamp });
    this.tell(id, 'execution_start', { timestamp, ...(toRun === null ? {} : { to_run: toRun }) });
    this.tell(id, 'execution_cached', { nodes: cached });
  }

  executing(id: string, node: string): void {
    this.states(id, { [node]: { value: 0, max: 1, state: 'running' } });
    this.tell(id, 'executing', { node, display_node: node });
  }

  progress(id: string, node: string, value: number, max: number): void {
    this.tell(id, 'progress', { node, value, max }, false);
  }

  executed(id: string, node: string, output: JsonObject): void {
    const outputs = this.runs.get(id)?.job.outputs ?? {};
    this.change(id, { outputs: { ...outputs, [node]: output } });
    this.tell(id, 'executed', { node, display_node: node, output });
  }

  states(id: string, nodes: JsonObject): void {
    this.tell(id, 'progress_state', { nodes }, false);
  }

  succeed(id: string): void {
    this.tell(id, 'execution_success');
    this.end(id, 'completed');
    this.tell(id, 'executing', { node: null });
  }

  fail(id: string, failure: JsonObject): void {
    this.tell(id, 'execution_error', failure);
    this.end(id, 'failed', failure);
    this.tell(id, 'executing', { node: null });
  }

  interrupted(id: string): void {
    this.tell(id, 'execution_interrupted', { node_id: '' });
    this.end(id, 'cancelled');
    this.tell(id, 'executing', { node: null });
  }

  /** Without a word to anybody, as with a run that is taken out of the queue. */
  end(id: string, status: JobStatus, failure: JsonObject | null = null): void {
    this.change(id, { status, execution_end_time: this.now(), execution_error: failure });
  }

  private change(id: string, changes: Partial<JobDetail>): void {
    const run = this.runs.get(id);
    if (run !== undefined) this.runs.set(id, { ...run, job: { ...run.job, ...changes } });
  }

  private now(): number {
    this.clock += 1000;
    return this.clock;
  }
}
