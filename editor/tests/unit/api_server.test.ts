/** The real server, where one is named: `VITE_SERVER=http://127.0.0.1:8188/ npx vitest run tests/unit/api_server`. */

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { setApi } from '../../src/api/current';
import { ApiError } from '../../src/api/errors';
import type { SocketEvent } from '../../src/api/frames';
import { Socket } from '../../src/api/socket';
import { graphFromPrompt } from '../../src/model/apiFormat';
import { useConnection } from '../../src/state/connection';
import { useDefinitions } from '../../src/state/definitions';
import { useDocuments } from '../../src/state/documents';
import { useQueue } from '../../src/state/queue';
import { runListener, useRuns } from '../../src/state/runs';

const server = import.meta.env.VITE_SERVER as string | undefined;
const picture = (color: number) => ({
  '1': {
    class_type: 'EmptyImage',
    inputs: { width: 64, height: 64, batch_size: 1, color },
  },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'contract' } },
});

describe.skipIf(!server)('the real server', () => {
  const client = new Client();
  const events: SocketEvent[] = [];
  const me = `contract-${Date.now()}`;

  const connected = async (): Promise<Socket> => {
    const statuses: string[] = [];
    const socket = new Socket({
      clientId: me,
      onEvent: (event) => {
        events.push(event);
        runListener.hear(event);
      },
      onStatus: (status) => statuses.push(status),
    });
    socket.open();
    await vi.waitFor(() => expect(statuses).toContain('connected'), { timeout: 5000 });
    return socket;
  };

  beforeAll(async () => {
    const page = globalThis as unknown as { readonly happyDOM: { setURL(address: string): void } };
    page.happyDOM.setURL(server ?? '');
    setApi(client);
    useConnection.setState({ clientId: me });
    await useDefinitions.getState().load();
  });

  const opened = (prompt: ReturnType<typeof picture>) =>
    useDocuments.getState().open('c', graphFromPrompt(prompt, useDefinitions.getState().definitions));

  it('tells its nodes', () => {
    expect(useDefinitions.getState().status).toBe('ready');
    expect(useDefinitions.getState().definitions.get('SaveImage')?.terminal).toBe(true);
  });

  it('runs a workflow, tells of it, and tells of it again after a reload', async () => {
    const socket = await connected();
    const document = opened(picture(Date.now() % 0xffffff));
    const { ids, problems } = await useRuns.getState().submit();
    expect(problems).toEqual([]);
    const id = ids[0] ?? '';
    await vi.waitFor(() => expect(useRuns.getState().runs.get(id)?.state).toBe('done'), { timeout: 60_000 });
    expect(useRuns.getState().outputs.get(document)?.get('2')?.images[0]?.filename).toMatch(/^contract/);
    socket.close();
    useRuns.setState({ runs: new Map(), shown: new Map(), outputs: new Map() });
    await useRuns.getState().resume();
    const again = useRuns.getState().runs.get(id);
    expect(again).toMatchObject({ state: 'done', progress: 1, document });
    expect([...(again?.nodes ?? [])].map(([node, { state }]) => [node, state])).toEqual([
      ['1', 'done'],
      ['2', 'done'],
    ]);
    const [file] = useRuns.getState().outputs.get(document)?.get('2')?.images ?? [];
    expect(file?.type).toBe('output');
    await useQueue.getState().refresh();
    expect(useQueue.getState().history[0]).toMatchObject({ id, state: 'done', outputs: 1 });
    expect((await useQueue.getState().details(id))?.workflow).toMatchObject({ nodes: expect.anything() });
    expect(events.some((event) => event.kind === 'run' && event.sequence === 1)).toBe(true);
  }, 60_000);

  it('names what is wrong by node and input, with a remedy', async () => {
    const bad = picture(1);
    opened({ ...bad, '1': { ...bad['1'], inputs: { ...bad['1'].inputs, width: -5 } } });
    const { ids, problems } = await useRuns.getState().submit();
    expect(ids).toEqual([]);
    expect(problems).toMatchObject([{ origin: { node: '1' }, input: 'width' }]);
    expect(problems[0]?.sentence).toContain('smaller than min');
    expect(problems[0]?.remedy).not.toBe('');
  });

  it('keeps files of the user', async () => {
    const path = `workflows/${me} a.json`;
    expect(await client.userFiles.write(path, '{"a": 1}', false)).toMatchObject({ size: 8 });
    const again = await client.userFiles.write(path, '{}', false).catch((error: unknown) => error);
    expect(again instanceof ApiError && again.status).toBe(409);
    expect((await client.userFiles.list('workflows')).some((file) => path.endsWith(file.path))).toBe(true);
    expect(await client.userFiles.read(path)).toBe('{"a": 1}');
    await client.userFiles.move(path, `${path}.2`, false);
    await client.userFiles.delete(`${path}.2`);
    expect(await client.userFiles.list('nothing-here')).toEqual([]);
  });

  it('keeps settings, and answers what it is asked', async () => {
    await client.settings.set('editor.test', { seed: 18446744073709551615n });
    expect(await client.settings.get()).toMatchObject({ 'editor.test': { seed: 18446744073709551615n } });
    expect(await client.embeddings()).toEqual([]);
    expect(await client.systemStats()).toHaveProperty('system');
    expect(await client.queue()).toEqual({ queue_running: [], queue_pending: [] });
    expect(Object.keys(await client.history(1)).length).toBeLessThanOrEqual(1);
    expect(await client.job('nobody')).toBeNull();
    await client.free();
    const unknown = await client.runEvents('nobody', 0).catch((error: unknown) => error);
    expect(unknown instanceof ApiError && [unknown.status, unknown.code]).toEqual([404, 'unknown_run']);
  });
});
