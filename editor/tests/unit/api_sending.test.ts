import { afterEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { UploadOptions } from '../../src/api/interface';

/** A request that does what the test says. */
class HandRequest {
  readonly upload: { onprogress: ((event: ProgressEvent) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;
  ontimeout: (() => void) | null = null;
  timeout = 0;
  status = 0;
  responseText = '';
  address = '';

  constructor() {
    last = this;
  }

  open(_method: string, address: string): void {
    this.address = address;
  }

  send(): void {}

  abort(): void {
    this.onabort?.();
  }

  getResponseHeader(): null {
    return null;
  }

  progress(loaded: number, total: number): void {
    this.upload.onprogress?.({ loaded, total, lengthComputable: total > 0 } as ProgressEvent);
  }

  answer(status: number, text: string): void {
    this.status = status;
    this.responseText = text;
    this.onload?.();
  }
}

let last: HandRequest | null = null;

function begun(): HandRequest {
  if (last === null) throw new Error('nothing was sent');
  return last;
}

async function refusal(asked: Promise<unknown>): Promise<ApiError> {
  const error = await asked.catch((reason: unknown) => reason);
  if (!(error instanceof ApiError)) throw new Error('it was not refused');
  return error;
}

function upload(options: UploadOptions = {}): Promise<unknown> {
  vi.stubGlobal('XMLHttpRequest', HandRequest);
  return new Client().uploadImage(new Blob(['x']), 'a.png', options);
}

afterEach(() => vi.unstubAllGlobals());

describe('a file on its way', () => {
  it('tells how much of it has been sent, and what the server calls it', async () => {
    const parts: number[] = [];
    const sending = upload({ onProgress: (part) => parts.push(part) });
    expect(begun().address).toBe('./api/upload/image');
    begun().progress(25, 100);
    begun().progress(100, 0);
    begun().progress(100, 100);
    begun().answer(200, '{"name": "a (1).png", "subfolder": "", "type": "input"}');
    expect(await sending).toMatchObject({ name: 'a (1).png' });
    expect(parts).toEqual([0.25, 1]);
  });

  it('is given up when that is asked for', async () => {
    const stop = new AbortController();
    const sending = refusal(upload({ signal: stop.signal }));
    stop.abort();
    expect((await sending).kind).toBe('aborted');
    expect((await refusal(upload({ signal: stop.signal }))).kind).toBe('aborted');
  });

  it('is refused in the words of the server', async () => {
    const sending = refusal(upload());
    begun().answer(400, '{"error": {"type": "picture_refused", "message": "that is no picture"}}');
    expect(await sending).toMatchObject({ kind: 'refused', status: 400, message: 'that is no picture' });
  });

  it('tells when nobody answers', async () => {
    const sending = refusal(upload());
    begun().onerror?.();
    expect((await sending).kind).toBe('offline');
  });
});
