/** A server in memory with the interface of the real one: what it does is said by the test, or by a demonstration. */

import type { Json, JsonObject } from '../model/types';
import { ApiError } from './errors';
import { FakeRuns } from './fakeRuns';
import type { Api, Removal, ServerSettings, UploadOptions, UserFiles } from './interface';
import type { WebSocketLike } from './socket';
import type * as words from './words';

export class FakeServer implements Api {
  info: JsonObject = {};
  /** By path under `./api/`. */
  readonly answers = new Map<string, Json>();
  readonly files = new Map<string, string>();
  readonly kept = new Map<string, Json>();
  readonly uploads: { readonly name: string; readonly type: string }[] = [];
  /** Every prompt that was handed in, those that were refused too. */
  readonly requests: words.PromptRequest[] = [];
  readonly runs = new FakeRuns((type, data, run, sequence) => this.tell(type, data, run, sequence));
  /** What the next requests meet, one after the other; null lets one pass. */
  readonly refusals: (ApiError | null)[] = [];
  /** What stands beside an accepted prompt. */
  nodeErrors: words.NodeErrors = {};
  private readonly sockets = new Set<FakeSocket>();
  private numbers = 0;

  // Sockets

  readonly connect = (): WebSocketLike => {
    const socket = new FakeSocket(() => this.sockets.delete(socket));
    this.sockets.add(socket);
    return socket;
  };

  /** Lets the sockets that were asked for open. */
  open(): void {
    for (const socket of this.sockets) socket.onopen?.(new Event('open'));
    this.status();
  }

  /** All connections break. */
  disconnect(): void {
    for (const socket of [...this.sockets]) {
      this.sockets.delete(socket);
      socket.onclose?.(new CloseEvent('close'));
    }
  }

  get connections(): number {
    return this.sockets.size;
  }

  status(): void {
    const queue_remaining = this.runs.ofStatus(['pending', 'in_progress']).length;
    this.send(JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining } } } }));
  }

  private tell(type: string, data: JsonObject, run: string, seq: number): void {
    this.send(JSON.stringify({ type, data, seq, run }));
  }

  /** A preview with the node it is of. */
  preview(run: string, node: string, bytes: Uint8Array): void {
    const about = { node_id: node, display_node_id: node, prompt_id: run, image_type: 'image/jpeg' };
    const words = new TextEncoder().encode(JSON.stringify(about));
    const frame = new Uint8Array(8 + words.length + bytes.length);
    const view = new DataView(frame.buffer);
    view.setUint32(0, 4);
    view.setUint32(4, words.length);
    frame.set(words, 8);
    frame.set(bytes, 8 + words.length);
    this.send(frame.buffer);
  }

  /** What a node says of itself. */
  text(node: string, text: string): void {
    const [id, words] = [new TextEncoder().encode(node), new TextEncoder().encode(text)];
    const frame = new Uint8Array(8 + id.length + words.length);
    const view = new DataView(frame.buffer);
    view.setUint32(0, 3);
    view.setUint32(4, id.length);
    frame.set(id, 8);
    frame.set(words, 8 + id.length);
    this.send(frame.buffer);
  }

  private send(data: string | ArrayBuffer): void {
    for (const socket of this.sockets) socket.onmessage?.(new MessageEvent('message', { data }));
  }

  // Requests

  private meet(): void {
    const refusal = this.refusals.shift() ?? null;
    if (refusal !== null) throw refusal;
  }

  async objectInfo(): Promise<JsonObject> {
    this.meet();
    return this.info;
  }

  async prompt(request: words.PromptRequest): Promise<words.PromptAnswer> {
    this.requests.push(request);
    this.meet();
    this.numbers += 1;
    const number = request.front ? -this.numbers : this.numbers;
    const prompt_id = request.prompt_id ?? `run-${this.numbers}`;
    this.runs.add(prompt_id, number, request);
    return { prompt_id, number, node_errors: this.nodeErrors };
  }

  async queue(): Promise<words.QueueAnswer> {
    const items = (status: words.JobStatus) =>
      this.runs.ofStatus([status]).map(({ id, priority, workflow }) => ({
        id,
        number: priority,
        prompt: workflow.prompt,
        extra: workflow.extra_data,
      }));
    return { queue_running: items('in_progress'), queue_pending: items('pending') };
  }

  async cancel(removal: Removal): Promise<void> {
    const waiting = this.runs.ofStatus(['pending']).map(({ id }) => id);
    const ids = removal.clear ? waiting : waiting.filter((id) => removal.delete?.includes(id));
    for (const id of ids) this.runs.end(id, 'cancelled');
  }

  async interrupt(id?: string): Promise<void> {
    for (const run of this.runs.ofStatus(['in_progress'])) {
      if (id === undefined || run.id === id) this.runs.interrupted(run.id);
    }
  }

  async move(id: string, before: string | null): Promise<void> {
    this.meet();
    this.runs.move(id, before);
  }

  async retry(id: string, clientId: string): Promise<string> {
    this.meet();
    const job = this.runs.detail(id);
    if (job === null) throw new ApiError('refused', 404, 'unknown_run', 'there is no run of this id');
    const { prompt, extra_data } = job.workflow;
    return (await this.prompt({ prompt, extra_data, client_id: clientId })).prompt_id;
  }

  async history(): Promise<Readonly<Record<string, words.HistoryEntry>>> {
    const ended = this.runs.ofStatus(['completed', 'failed', 'cancelled']);
    return Object.fromEntries(ended.map(({ id, outputs }) => [id, { outputs }]));
  }

  async forget(removal: Removal): Promise<void> {
    this.runs.forget((id) => removal.clear === true || removal.delete?.includes(id) === true);
  }

  async jobs(statuses: readonly words.JobStatus[], limit: number, offset = 0): Promise<words.JobsAnswer> {
    this.meet();
    const all = this.runs.ofStatus(statuses).toReversed();
    const jobs = all.slice(offset, offset + limit);
    const has_more = offset + jobs.length < all.length;
    return { jobs, pagination: { offset, limit, total: all.length, has_more } };
  }

  async job(id: string): Promise<words.JobDetail | null> {
    this.meet();
    return this.runs.detail(id);
  }

  async runEvents(id: string, since: number): Promise<words.RunEventsAnswer> {
    this.meet();
    const events = this.runs.eventsOf(id);
    if (events === null) throw new ApiError('refused', 404, 'unknown_run', 'there is no run of this id');
    const after = events.filter(({ seq }) => seq > since);
    return { events: after, last: after.at(-1)?.seq ?? since };
  }

  readonly userFiles: UserFiles = {
    list: async (folder) => {
      const inside = [...this.files].filter(([path]) => path.startsWith(`${folder}/`));
      return inside.map(([path, text]) => ({
        path: path.slice(folder.length + 1),
        size: text.length,
        modified: 0,
      }));
    },
    read: async (path) => this.fileAt(path),
    write: async (path, text, overwrite) => {
      if (!overwrite && this.files.has(path)) throw taken();
      this.files.set(path, text);
      return { path, size: text.length, modified: 0 };
    },
    delete: async (path) => {
      this.fileAt(path);
      this.files.delete(path);
    },
    move: async (path, to, overwrite) => {
      const text = this.fileAt(path);
      if (!overwrite && this.files.has(to)) throw taken();
      this.files.delete(path);
      this.files.set(to, text);
      return { path: to, size: text.length, modified: 0 };
    },
  };

  private fileAt(path: string): string {
    const text = this.files.get(path);
    if (text === undefined) throw new ApiError('refused', 404, 'absent', 'there is no such file');
    return text;
  }

  readonly settings: ServerSettings = {
    get: async () => Object.fromEntries(this.kept),
    set: async (name, value) => {
      this.kept.set(name, value);
    },
  };

  /** What an upload waits for, so that a test can look at it on its way. */
  sending: Promise<void> = Promise.resolve();

  async uploadImage(_file: Blob, name: string, options: UploadOptions = {}): Promise<words.Uploaded> {
    this.meet();
    options.onProgress?.(0.5);
    const givenUp = new Promise<never>((_, reject) => {
      options.signal?.addEventListener('abort', () =>
        reject(new ApiError('aborted', 0, 'aborted', 'given up')),
      );
    });
    await Promise.race([this.sending, givenUp]);
    this.uploads.push({ name, type: 'image' });
    return { name, subfolder: '', type: 'input' };
  }

  async uploadMask(_mask: Blob, name: string): Promise<words.Uploaded> {
    this.meet();
    this.uploads.push({ name, type: 'mask' });
    return { name, subfolder: '', type: 'input' };
  }

  viewUrl({ filename, subfolder, type }: words.FileReference, preview?: string): string {
    const query = new URLSearchParams({ filename, subfolder, type, ...(preview ? { preview } : {}) });
    return `./api/view?${query}`;
  }

  async embeddings(): Promise<readonly string[]> {
    return [];
  }

  async free(): Promise<void> {}

  async systemStats(): Promise<JsonObject> {
    return { system: {}, devices: [] };
  }

  async reloadPacks(): Promise<Json> {
    return this.getJson('v1/packs/reload');
  }

  async getJson(path: string): Promise<Json> {
    this.meet();
    const answer = this.answers.get(path);
    if (answer === undefined)
      throw new ApiError('refused', 404, 'not_found', 'there is nothing at this address');
    return answer;
  }

  async getText(path: string): Promise<string | null> {
    this.meet();
    const answer = this.answers.get(path);
    return typeof answer === 'string' ? answer : null;
  }
}

function taken(): ApiError {
  return new ApiError('refused', 409, 'http_409', 'File already exists');
}

class FakeSocket implements WebSocketLike {
  binaryType = '';
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  readonly sent: string[] = [];

  constructor(private readonly gone: () => void) {}

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.gone();
  }
}
