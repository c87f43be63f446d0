/** Asks the server: one method for each thing it does, under `./api/` of the page, so that it also works below a path. */

import type * as v from 'valibot';
import { stringifyJson } from '../model/json';
import type { Json, JsonObject } from '../model/types';
import { aborted, fitting, offline, readJson, refusalOf } from './answers';
import { ApiError } from './errors';
import type { Api, Removal, ServerSettings, UploadOptions, UserFiles } from './interface';
import { type Send, sendForm } from './sending';
import { type ServerClock, serverClock } from './serverClock';
import * as words from './words';

const LONGEST_MILLISECONDS = 60_000;
/** Pictures may be large and lines slow. */
const LONGEST_UPLOAD_MILLISECONDS = 600_000;
/** The server waits a minute for workers that are busy. */
const LONGEST_RELOAD_MILLISECONDS = 120_000;

export interface ClientOptions {
  /** Where the routes lie, as seen from the page. */
  readonly base?: string;
  readonly fetch?: typeof fetch;
  /** How files are sent. */
  readonly send?: Send;
  readonly clock?: ServerClock;
}

interface Asking {
  readonly method?: string;
  /** Sent as JSON. */
  readonly json?: Json;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  readonly milliseconds?: number;
}

export class Client implements Api {
  readonly base: string;
  private readonly fetch: typeof fetch;
  private readonly send: Send;
  private readonly clock: ServerClock;

  constructor(options: ClientOptions = {}) {
    this.base = options.base ?? './api/';
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.send = options.send ?? sendForm;
    this.clock = options.clock ?? serverClock;
  }

  async objectInfo(signal?: AbortSignal): Promise<JsonObject> {
    return this.read(words.anyObject, 'object_info', { signal });
  }

  async prompt(request: words.PromptRequest): Promise<words.PromptAnswer> {
    return this.read(words.promptAnswer, 'prompt', { method: 'POST', json: { ...request } });
  }

  async queue(): Promise<words.QueueAnswer> {
    return this.read(words.queueAnswer, 'queue');
  }

  async cancel(removal: Removal): Promise<void> {
    await this.post('queue', { ...removal });
  }

  async interrupt(id?: string): Promise<void> {
    await this.post('interrupt', id === undefined ? {} : { prompt_id: id });
  }

  async move(id: string, before: string | null): Promise<void> {
    await this.post(`v1/runs/${encodeURIComponent(id)}/move`, { before });
  }

  async retry(id: string, clientId: string): Promise<string> {
    const query = new URLSearchParams({ client_id: clientId });
    const path = `v1/runs/${encodeURIComponent(id)}/retry?${query}`;
    return (await this.read(words.runSummary, path, { method: 'POST', json: {} })).id;
  }

  async history(most: number): Promise<Readonly<Record<string, words.HistoryEntry>>> {
    return this.read(words.historyAnswer, `history?max_items=${most}`);
  }

  async forget(removal: Removal): Promise<void> {
    await this.post('history', { ...removal });
  }

  async jobs(statuses: readonly words.JobStatus[], limit: number, offset = 0): Promise<words.JobsAnswer> {
    const query = new URLSearchParams({ status: statuses.join(','), limit: `${limit}`, offset: `${offset}` });
    return this.read(words.jobsAnswer, `jobs?${query}`);
  }

  async job(id: string): Promise<words.JobDetail | null> {
    return orNull(this.read(words.jobDetail, `jobs/${encodeURIComponent(id)}`));
  }

  async runEvents(id: string, since: number): Promise<words.RunEventsAnswer> {
    return this.read(words.runEventsAnswer, `v1/runs/${encodeURIComponent(id)}/events?since=${since}`);
  }

  readonly userFiles: UserFiles = {
    list: async (folder) => {
      const query = new URLSearchParams({ dir: folder, recurse: 'true', split: 'false', full_info: 'true' });
      const found = await orNull(this.getJson(`userdata?${query}`));
      return Array.isArray(found) ? found.map((each) => fitting(words.userFile, each)) : [];
    },
    read: async (path) => this.text(`userdata/${encodeURIComponent(path)}`),
    write: async (path, text, overwrite) =>
      this.read(
        words.userFile,
        `userdata/${encodeURIComponent(path)}?overwrite=${overwrite}&full_info=true`,
        { method: 'POST', body: text },
      ),
    delete: async (path) => {
      await this.text(`userdata/${encodeURIComponent(path)}`, { method: 'DELETE' });
    },
    move: async (path, to, overwrite) =>
      this.read(
        words.userFile,
        `userdata/${encodeURIComponent(path)}/move/${encodeURIComponent(to)}?overwrite=${overwrite}&full_info=true`,
        { method: 'POST' },
      ),
  };

  readonly settings: ServerSettings = {
    get: async () => this.read(words.anyObject, 'settings'),
    set: async (name, value) => this.post(`settings/${encodeURIComponent(name)}`, value),
  };

  async uploadImage(file: Blob, name: string, options: UploadOptions = {}): Promise<words.Uploaded> {
    return this.upload('upload/image', uploadForm(file, name, options), options);
  }

  async uploadMask(
    mask: Blob,
    name: string,
    original: words.FileReference,
    options: UploadOptions = {},
  ): Promise<words.Uploaded> {
    const form = uploadForm(mask, name, options);
    const { filename, subfolder, type } = original;
    form.set('original_ref', JSON.stringify({ filename, subfolder, type }));
    return this.upload('upload/mask', form, options);
  }

  viewUrl(file: words.FileReference, preview?: string, channel?: 'rgb' | 'a'): string {
    const { filename, subfolder, type } = file;
    const query = new URLSearchParams({ filename, subfolder, type });
    if (preview !== undefined) query.set('preview', preview);
    if (channel !== undefined) query.set('channel', channel);
    return `${this.base}view?${query}`;
  }

  async embeddings(): Promise<readonly string[]> {
    return this.read(words.names, 'embeddings');
  }

  async free(): Promise<void> {
    await this.post('free', { unload_models: true, free_memory: true });
  }

  async systemStats(): Promise<JsonObject> {
    return this.read(words.anyObject, 'system_stats');
  }

  async reloadPacks(): Promise<Json> {
    const asking = { method: 'POST', json: {}, milliseconds: LONGEST_RELOAD_MILLISECONDS };
    return readJson(await this.text('v1/packs/reload', asking));
  }

  async getJson(path: string, signal?: AbortSignal): Promise<Json> {
    return readJson(await this.text(path, { signal }));
  }

  async getText(path: string, signal?: AbortSignal): Promise<string | null> {
    return orNull(this.text(path, { signal }));
  }

  // How it asks

  private async upload(path: string, form: FormData, options: UploadOptions): Promise<words.Uploaded> {
    const { signal, onProgress } = options;
    const sending = { signal, onProgress, milliseconds: LONGEST_UPLOAD_MILLISECONDS };
    const answer = await this.send(`${this.base}${path}`, form, sending).catch(() => null);
    if (answer === null) throw signal?.aborted ? aborted() : offline();
    const { status, text, retryAfter } = answer;
    if (status < 200 || status >= 300) throw refusalOf(status, text, retryAfter);
    return fitting(words.uploaded, readJson(text));
  }

  private async post(path: string, json: Json): Promise<void> {
    await this.text(path, { method: 'POST', json });
  }

  private async read<Schema extends v.GenericSchema>(
    schema: Schema,
    path: string,
    asking: Asking = {},
  ): Promise<v.InferOutput<Schema>> {
    return fitting(schema, readJson(await this.text(path, asking)));
  }

  /** The text of a good answer. Throws ApiError for any other. */
  private async text(path: string, asking: Asking = {}): Promise<string> {
    const limit = AbortSignal.timeout(asking.milliseconds ?? LONGEST_MILLISECONDS);
    const signal = asking.signal ? AbortSignal.any([limit, asking.signal]) : limit;
    const init: RequestInit = { method: asking.method ?? 'GET', signal, credentials: 'same-origin' };
    if (asking.json !== undefined) {
      init.body = stringifyJson(asking.json);
      init.headers = { 'Content-Type': 'application/json' };
    } else if (asking.body !== undefined) {
      init.body = asking.body;
    }
    let answer: Response;
    let text: string;
    const sent = Date.now();
    try {
      answer = await this.fetch(`${this.base}${path}`, init);
      this.readClock(answer, sent);
      text = await answer.text();
    } catch {
      throw asking.signal?.aborted ? aborted() : offline();
    }
    if (!answer.ok) throw refusalOf(answer.status, text, answer.headers.get('Retry-After'));
    return text;
  }

  /** What a browser may have kept says nothing of now. */
  private readClock({ headers }: Response, sent: number): void {
    if (headers.has('ETag') || headers.has('Last-Modified')) return;
    this.clock.hear(headers.get('Date'), sent, Date.now());
  }
}

function uploadForm(file: Blob, name: string, options: UploadOptions): FormData {
  const form = new FormData();
  form.set('image', file, name);
  form.set('type', options.type ?? 'input');
  if (options.subfolder) form.set('subfolder', options.subfolder);
  if (options.overwrite) form.set('overwrite', 'true');
  return form;
}

/** Null for what the server does not have. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
