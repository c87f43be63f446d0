import { describe, expect, it, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { Send } from '../../src/api/sending';

function clientFor(status: number, body: string, headers: Record<string, string> = {}) {
  const send = vi.fn<typeof fetch>(
    async () => new Response(status === 204 ? null : body, { status, headers }),
  );
  return { client: new Client({ fetch: send }), send };
}

async function refusal(asked: Promise<unknown>): Promise<ApiError> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error('it was not refused');
  return error;
}

const REQUEST = { prompt: {}, client_id: 'me', prompt_id: 'p', extra_data: {} };

describe('what it sends', () => {
  it('keeps seeds that no double holds', async () => {
    const { client, send } = clientFor(200, '{"prompt_id": "p", "number": 3, "node_errors": {}}');
    const prompt = { '1': { class_type: 'A', inputs: { seed: 18446744073709551615n } } };
    expect(await client.prompt({ ...REQUEST, prompt })).toMatchObject({ prompt_id: 'p', number: 3 });
    const [address, init] = send.mock.calls[0] ?? [];
    expect(address).toBe('./api/prompt');
    expect(String(init?.body)).toContain('18446744073709551615');
  });

  it('writes the slashes of user files as part of the name', async () => {
    const { client, send } = clientFor(200, '{"path": "a.json", "size": 2, "modified": 1.5}');
    await client.userFiles.write('workflows/a b.json', '{}', false);
    expect(send.mock.calls[0]?.[0]).toBe(
      './api/userdata/workflows%2Fa%20b.json?overwrite=false&full_info=true',
    );
    await client.userFiles.move('workflows/a.json', 'workflows/b.json', true);
    expect(send.mock.calls[1]?.[0]).toContain(
      'userdata/workflows%2Fa.json/move/workflows%2Fb.json?overwrite=true',
    );
  });

  it('names files for the address of a picture', () => {
    const file = { filename: 'a & b.png', subfolder: 'x/y', type: 'temp' };
    const address = new Client().viewUrl(file, 'webp;75');
    expect(address).toBe('./api/view?filename=a+%26+b.png&subfolder=x%2Fy&type=temp&preview=webp%3B75');
  });

  it('uploads masks with the picture they belong to', async () => {
    const text = '{"name": "m.png", "subfolder": "", "type": "input"}';
    const send = vi.fn<Send>(async () => ({ status: 200, text, retryAfter: null }));
    const client = new Client({ send });
    await client.uploadMask(new Blob(['x']), 'm.png', { filename: 'o.png', subfolder: '', type: 'input' });
    const form = send.mock.calls[0]?.[1];
    expect(form instanceof FormData && form.get('original_ref')).toBe(
      '{"filename":"o.png","subfolder":"","type":"input"}',
    );
  });
});

describe('what it reads', () => {
  it('keeps whole numbers beyond 2^53', async () => {
    const { client } = clientFor(200, '{"A": {"max": 18446744073709551615}}');
    expect(await client.objectInfo()).toEqual({ A: { max: 18446744073709551615n } });
  });

  it('takes an absent job and an absent folder for nothing', async () => {
    const { client } = clientFor(404, '{"error": {"type": "unknown_job", "message": "there is no job"}}');
    expect(await client.job('x')).toBeNull();
    expect(await client.userFiles.list('workflows')).toEqual([]);
  });

  it('says so where it makes no sense', async () => {
    const { client } = clientFor(200, '<html>');
    expect((await refusal(client.queue())).kind).toBe('nonsense');
  });
});

describe('refusals', () => {
  it('have the sentence and the remedy of the server', async () => {
    const error = {
      type: 'prompt_no_outputs',
      message: 'Prompt has no outputs',
      details: '',
      extra_info: { sentence: 'no step shows anything', remedy: 'Add a Save Image.' },
    };
    const { client } = clientFor(400, JSON.stringify({ error, node_errors: {} }));
    const found = await refusal(client.prompt(REQUEST));
    expect(found).toMatchObject({
      kind: 'refused',
      status: 400,
      code: 'prompt_no_outputs',
      remedy: 'Add a Save Image.',
    });
    expect(found.message).toBe('no step shows anything');
  });

  it('of nodes come with them', async () => {
    const entry = { type: 'value_not_in_list', message: 'Value not in list', details: 'x', extra_info: null };
    const body = {
      error: { type: 'prompt_outputs_failed_validation', message: 'm', details: '', extra_info: {} },
      node_errors: { '3': { errors: [entry], dependent_outputs: ['9'], class_type: 'A' } },
    };
    const { client } = clientFor(400, JSON.stringify(body));
    expect((await refusal(client.prompt(REQUEST))).nodeErrors['3']?.errors[0]?.type).toBe(
      'value_not_in_list',
    );
  });

  it('of our own interface are read too', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'there is no run',
      code: 'unknown_run',
    };
    const { client } = clientFor(404, JSON.stringify(problem));
    expect(await refusal(client.runEvents('x', 0))).toMatchObject({
      code: 'unknown_run',
      message: 'there is no run',
    });
  });

  it('without a word are told by their status, never as markup', async () => {
    expect((await refusal(clientFor(403, '').client.queue())).message).toContain('403');
    expect((await refusal(clientFor(500, '<b>x</b>').client.queue())).message).toContain('500');
    expect((await refusal(clientFor(409, 'File already exists').client.queue())).message).toBe(
      'File already exists',
    );
  });

  it('say when to ask again', async () => {
    const { client } = clientFor(503, '{"error": {"type": "no_worker", "message": "not yet"}}', {
      'Retry-After': '2',
    });
    expect((await refusal(client.objectInfo())).retryAfter).toBe(2);
  });

  it('are another thing than no answer, and than giving up', async () => {
    const send = vi.fn<typeof fetch>(async () => Promise.reject(new TypeError('failed')));
    const client = new Client({ fetch: send });
    expect((await refusal(client.queue())).kind).toBe('offline');
    const given = new AbortController();
    given.abort();
    expect((await refusal(client.objectInfo(given.signal))).kind).toBe('aborted');
  });
});
