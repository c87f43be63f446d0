/** What the editor asks of a server; `client.ts` asks a real one, `fake.ts` is one in memory. */

import type { Json, JsonObject } from '../model/types';
import type {
  FileReference,
  HistoryEntry,
  JobDetail,
  JobStatus,
  JobsAnswer,
  PromptAnswer,
  PromptRequest,
  QueueAnswer,
  RunEventsAnswer,
  Uploaded,
  UserFile,
} from './words';

export interface Removal {
  readonly clear?: boolean;
  readonly delete?: readonly string[];
}

export interface UploadOptions {
  readonly type?: string;
  readonly subfolder?: string;
  readonly overwrite?: boolean;
  /** Hears how much has been sent, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/** Files of the user on the server, by paths such as `workflows/portrait.json`. */
export interface UserFiles {
  list(folder: string): Promise<readonly UserFile[]>;
  read(path: string): Promise<string>;
  /** Without `overwrite` an existing file is an ApiError with status 409. */
  write(path: string, text: string, overwrite: boolean): Promise<UserFile>;
  delete(path: string): Promise<void>;
  move(path: string, to: string, overwrite: boolean): Promise<UserFile>;
}

export interface ServerSettings {
  get(): Promise<JsonObject>;
  set(name: string, value: Json): Promise<void>;
}

/** Every method throws ApiError where the server refuses, cannot be reached or says what makes no sense. */
export interface Api {
  objectInfo(signal?: AbortSignal): Promise<JsonObject>;
  prompt(request: PromptRequest): Promise<PromptAnswer>;
  queue(): Promise<QueueAnswer>;
  /** Take runs that wait out of the queue. */
  cancel(removal: Removal): Promise<void>;
  /** Stop this run if it is at work; without an id whatever is. */
  interrupt(id?: string): Promise<void>;
  /** Let a run that waits run just before another one, or last. */
  move(id: string, before: string | null): Promise<void>;
  /** Queue what a run that has ended was handed in with once more; the id of the new run, of which this client hears. */
  retry(id: string, clientId: string): Promise<string>;
  history(most: number): Promise<Readonly<Record<string, HistoryEntry>>>;
  forget(removal: Removal): Promise<void>;
  jobs(statuses: readonly JobStatus[], limit: number, offset?: number): Promise<JobsAnswer>;
  /** Null for a run that is not known (any more). */
  job(id: string): Promise<JobDetail | null>;
  runEvents(id: string, since: number): Promise<RunEventsAnswer>;
  readonly userFiles: UserFiles;
  readonly settings: ServerSettings;
  uploadImage(file: Blob, name: string, options?: UploadOptions): Promise<Uploaded>;
  uploadMask(mask: Blob, name: string, original: FileReference, options?: UploadOptions): Promise<Uploaded>;
  /**
   * The address of a file; `preview` such as `webp;80` asks for a small picture of it, `channel` for its colours alone or
   * for black with its alpha, both turned as its EXIF says.
   */
  viewUrl(file: FileReference, preview?: string, channel?: 'rgb' | 'a'): string;
  embeddings(): Promise<readonly string[]>;
  free(): Promise<void>;
  systemStats(): Promise<JsonObject>;
  /** Have packs of nodes read anew that changed or failed; what became of all of them. */
  reloadPacks(): Promise<Json>;
  /** Any other JSON under `./api/`, such as templates. */
  getJson(path: string, signal?: AbortSignal): Promise<Json>;
  /** Any text there, such as pages on nodes; null for what is not there. */
  getText(path: string, signal?: AbortSignal): Promise<string | null>;
}
