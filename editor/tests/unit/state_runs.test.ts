import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { ApiError } from '../../src/api/errors';
import type { FakeServer } from '../../src/api/fake';
import { readFrame } from '../../src/api/frames';
import { useConnection } from '../../src/state/connection';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { useQueue } from '../../src/state/queue';
import {
  catchUpRuns,
  forgetClosed,
  type Run,
  runListener,
  useNodeErrors,
  useNodeRun,
  useOutput,
  usePreview,
  useRuns,
} from '../../src/state/runs';
import { fakeServer, settled, smallGraph } from './stateSupport';

let server: FakeServer;
let document: string;
let made: string[];
let revoked: string[];
const state = () => useRuns.getState();
const run = (id: string): Run | undefined => state().runs.get(id);

function forgetRuns(): void {
  useRuns.setState({
    runs: new Map(),
    shown: new Map(),
    previews: new Map(),
    outputs: new Map(),
    problems: new Map(),
  });
}

/** Lets the listener hear what the server tells. */
function listen(): void {
  const socket = server.connect();
  socket.onmessage = (message) => {
    const event = readFrame(message.data);
    if (event !== null) act(() => runListener.hear(event));
  };
}

async function submitted(options = {}): Promise<string> {
  const { ids } = await act(() => state().submit(options));
  return ids[0] ?? '';
}

beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  server = fakeServer();
  listen();
  forgetRuns();
  useConnection.setState({ clientId: 'me' });
  useDefinitions.setState({ status: 'idle' });
  await useDefinitions.getState().load();
  document = useDocuments.getState().open('a', smallGraph());
  [made, revoked] = [[], []];
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
    made.push(`blob:${made.length}`);
    return made.at(-1) ?? '';
  });
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void revoked.push(String(url)));
});
afterEach(() => setApi(null));

describe('handing in', () => {
  it('sends the prompt with the workflow and who asks', async () => {
    const id = await submitted({ front: true });
    const [request] = server.requests;
    expect(request).toMatchObject({ client_id: 'me', prompt_id: id, front: true });
    expect(request?.prompt['2']).toMatchObject({ class_type: 'Show', inputs: { images: ['1', 0] } });
    expect(request?.extra_data).toMatchObject({ extra_pnginfo: { workflow: { nodes: expect.anything() } } });
    expect(run(id)).toMatchObject({ document, state: 'queued', total: 2, progress: 0 });
    expect(state().shown.get(document)).toBe(id);
  });

  it('names only targets that are in the prompt', async () => {
    await submitted({ targets: ['2', '99'] });
    expect(server.requests[0]?.partial_execution_targets).toEqual(['2']);
  });

  it('shows the seed that is used, advances one that has run, and keeps one that was typed', async () => {
    const seedShown = () => activeDocument().graph.nodes.get('1')?.values.get('seed');
    const seedSent = (index: number) => server.requests[index]?.prompt['1'];
    await submitted();
    expect(seedSent(0)).toMatchObject({ inputs: { seed: 5 } });
    await submitted();
    expect(seedShown()).not.toBe(5);
    expect(seedSent(1)).toMatchObject({ inputs: { seed: seedShown() } });
    useDocuments.getState().edit('value', (graph) => {
      const nodes = new Map(graph.nodes);
      const node = nodes.get('1');
      if (node)
        nodes.set('1', { ...node, values: new Map([...node.values, ['seed', 18446744073709551615n]]) });
      return { ...graph, nodes };
    });
    await submitted();
    expect(seedSent(2)).toMatchObject({ inputs: { seed: 18446744073709551615n } });
    expect(activeDocument().past).toHaveLength(1);
  });

  it('counts up through a batch', async () => {
    useDocuments.getState().open('b', smallGraph('increment'));
    const { ids } = await state().submit({ count: 3 });
    expect(ids).toHaveLength(3);
    const seeds = server.requests.map(({ prompt }) => JSON.stringify(prompt['1']));
    expect(seeds.map((seed) => seed.match(/"seed":(\d+)/)?.[1])).toEqual(['5', '6', '7']);
    expect(activeDocument().graph.nodes.get('1')?.values.get('seed')).toBe(7);
  });

  it('sends again under the same id when there was no answer', async () => {
    vi.useFakeTimers();
    server.refusals.push(new ApiError('offline', 0, 'offline', 'no answer'));
    const handed = state().submit();
    await vi.advanceTimersByTimeAsync(600);
    const { ids } = await handed;
    vi.useRealTimers();
    expect(server.requests.map(({ prompt_id }) => prompt_id)).toEqual([ids[0], ids[0]]);
    expect(state().submitting).toBe(false);
  });
});

describe('refusals', () => {
  const entry = (input: string | null, more: object) => ({
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${input}: 'x' not in []`,
    extra_info: { ...(input === null ? {} : { input_name: input }), ...more },
  });

  it('stand at the node and the input, with the sentence and the remedy', async () => {
    const { result } = renderHook(() => useNodeErrors('1'));
    const nodeErrors = {
      '1': {
        errors: [entry('seed', { remedy: 'Choose another.' }), entry(null, { sentence: 'it is too late' })],
        dependent_outputs: [],
        class_type: 'Make',
      },
    };
    const whole = { type: 'prompt_outputs_failed_validation', message: 'm', details: '', extra_info: {} };
    server.refusals.push(new ApiError('refused', 400, whole.type, 'm', '', whole, nodeErrors));
    const { ids, problems } = await act(() => state().submit());
    expect(ids).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(result.current).toMatchObject([
      { input: 'seed', sentence: "Value not in list: seed: 'x' not in []", remedy: 'Choose another.' },
      { input: null, sentence: 'it is too late', origin: { path: [], node: '1' } },
    ]);
    expect(state().runs.size).toBe(0);
    act(() => state().clearProblems(document));
    expect(result.current).toEqual([]);
  });

  it('of the whole say so, and mark all nodes of a ring', async () => {
    const whole = {
      type: 'prompt_outputs_failed_validation',
      message: 'm',
      details: '1 -> 2 -> 1',
      extra_info: { rings: [['1', '2']], sentence: 'they wait for each other', remedy: 'Cut a link.' },
    };
    server.refusals.push(new ApiError('refused', 400, whole.type, 'they wait', 'Cut a link.', whole));
    server.refusals.push(new ApiError('offline', 0, 'offline', 'no answer'), null);
    const ringed = await state().submit();
    expect(ringed.problems.map(({ origin, sentence }) => [origin?.node, sentence])).toEqual([
      ['1', 'they wait for each other'],
      ['2', 'they wait for each other'],
    ]);
  });

  it('of a node that there is not stand at that node', async () => {
    const whole = { type: 'invalid_prompt', message: 'm', details: '', extra_info: { node_id: '2' } };
    server.refusals.push(new ApiError('refused', 400, whole.type, 'no such node', '', whole));
    const { problems } = await state().submit();
    expect(problems).toMatchObject([{ origin: { node: '2' }, sentence: 'no such node' }]);
  });

  it('of a part let the rest run, and go with the next attempt', async () => {
    server.nodeErrors = { '1': { errors: [entry('seed', {})], dependent_outputs: [], class_type: 'Make' } };
    const { ids, problems } = await state().submit();
    expect([ids.length, problems.length]).toEqual([1, 1]);
    server.nodeErrors = {};
    await state().submit();
    expect(state().problems.get(document)).toBeUndefined();
  });
});

describe('a run', () => {
  it('tells each node how it fares, and what it showed', async () => {
    const maker = renderHook(() => useNodeRun('1'));
    const output = renderHook(() => useOutput('2'));
    const id = await submitted();
    server.runs.begin(id);
    server.runs.executing(id, '1');
    server.runs.progress(id, '1', 1, 4);
    expect(maker.result.current).toMatchObject({ state: 'running', value: 1, max: 4 });
    expect(run(id)?.progress).toBe(0.125);
    server.runs.states(id, { '1': { value: 4, max: 4, state: 'finished' } });
    expect(maker.result.current).toMatchObject({ state: 'done', value: 4 });
    const picture = { filename: 'a.png', subfolder: '', type: 'output' };
    server.runs.executed(id, '2', { images: [picture], text: ['hello'] });
    expect(output.result.current).toMatchObject({ images: [picture], texts: ['hello'] });
    server.runs.succeed(id);
    expect(run(id)).toMatchObject({ state: 'done', progress: 1 });
  });

  it('keeps nodes that were known already as cached', async () => {
    const id = await submitted();
    server.runs.begin(id, ['1']);
    server.runs.states(id, { '1': { value: 1, max: 1, state: 'finished' } });
    expect(run(id)?.nodes.get('1')?.state).toBe('cached');
    expect(run(id)?.progress).toBe(0.5);
  });

  it('that fails marks the node with its error', async () => {
    const { result } = renderHook(() => useNodeErrors('1'));
    const id = await submitted();
    server.runs.begin(id);
    server.runs.executing(id, '1');
    server.runs.fail(id, {
      node_id: '1',
      exception_type: 'ValueError',
      exception_message: 'too large\n',
      traceback: ['x'],
    });
    expect(result.current).toMatchObject([{ code: 'ValueError', sentence: 'too large', traceback: ['x'] }]);
    expect(run(id)).toMatchObject({ state: 'failed' });
    expect(run(id)?.nodes.get('1')?.state).toBe('failed');
  });

  it('goes on when a node is only kept from running', async () => {
    const id = await submitted();
    server.runs.begin(id);
    server.runs.tell(id, 'execution_error', {
      node_id: '2',
      exception_type: 'ExecutionBlocked',
      exception_message: 'not this one',
    });
    expect(run(id)?.state).toBe('running');
    server.runs.succeed(id);
    expect(run(id)?.state).toBe('done');
    expect(state().problems.get(document)).toHaveLength(1);
  });

  it('is interrupted', async () => {
    const id = await submitted();
    server.runs.begin(id);
    await act(() => state().interrupt());
    expect(run(id)?.state).toBe('interrupted');
  });

  it('begins anew when its worker died', async () => {
    const id = await submitted();
    server.runs.begin(id);
    server.runs.executing(id, '1');
    server.runs.begin(id);
    expect(run(id)).toMatchObject({ state: 'running', progress: 0 });
  });

  it('re-renders no other node', async () => {
    let renders = 0;
    renderHook(() => {
      renders += 1;
      return [useNodeRun('2'), usePreview('2'), useOutput('2'), useNodeErrors('2')];
    });
    const id = await submitted();
    server.runs.begin(id);
    server.runs.executing(id, '1');
    const before = renders;
    for (let step = 1; step <= 20; step += 1) server.runs.progress(id, '1', step, 20);
    expect(renders).toBe(before);
  });
});

describe('previews', () => {
  const frame = () => act(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));

  it('show the newest of a frame, and give up each address that is replaced', async () => {
    const { result } = renderHook(() => usePreview('1'));
    const id = await submitted();
    server.runs.begin(id);
    server.runs.executing(id, '1');
    for (let step = 0; step < 5; step += 1) server.preview(id, '1', new Uint8Array([step]));
    await frame();
    expect(made).toEqual(['blob:0']);
    expect(result.current).toBe('blob:0');
    server.preview(id, '1', new Uint8Array([9]));
    await frame();
    expect(result.current).toBe('blob:1');
    expect(revoked).toEqual(['blob:0']);
    server.runs.succeed(id);
    expect(result.current).toBeNull();
    expect(revoked).toEqual(['blob:0', 'blob:1']);
  });

  it('of a document that is closed are given up', async () => {
    const id = await submitted();
    server.runs.begin(id);
    server.preview(id, '1', new Uint8Array([1]));
    await frame();
    forgetClosed(new Set());
    expect(revoked).toEqual(made);
    expect(state().shown.size + state().outputs.size + state().problems.size).toBe(0);
  });

  it('that come after the end are not shown', async () => {
    const id = await submitted();
    server.runs.begin(id);
    server.preview(id, '1', new Uint8Array([1]));
    server.runs.succeed(id);
    server.preview(id, '1', new Uint8Array([1]));
    await frame();
    expect(made).toEqual([]);
  });
});

describe('what was missed', () => {
  it('is read from the log, once and in order', async () => {
    const id = await submitted();
    const deaf = server.runs;
    server.disconnect();
    deaf.begin(id);
    deaf.executed(id, '2', { text: ['missed'] });
    listen();
    deaf.executed(id, '1', { text: ['heard'] });
    deaf.succeed(id);
    await act(settled);
    expect(run(id)).toMatchObject({ state: 'done', progress: 1 });
    expect(state().outputs.get(document)?.get('2')?.texts).toEqual(['missed']);
    expect(state().outputs.get(document)?.get('1')?.texts).toEqual(['heard']);
  });

  it('is picked up after a reload', async () => {
    const first = await submitted();
    server.runs.begin(first);
    server.runs.executed(first, '2', { text: ['old'] });
    server.runs.succeed(first);
    const second = await submitted();
    server.runs.begin(second);
    server.runs.executing(second, '1');
    const third = await submitted();
    forgetRuns();
    await act(() => state().resume());
    expect(state().shown.get(document)).toBe(second);
    expect([first, second, third].map((id) => run(id)?.state)).toEqual(['done', 'running', 'queued']);
    expect(state().outputs.get(document)?.get('2')?.texts).toEqual(['old']);
    expect(run(second)?.nodes.get('1')?.state).toBe('running');
    server.runs.progress(second, '1', 1, 2);
    server.preview(second, '1', new Uint8Array([1]));
    server.runs.executed(second, '2', { text: ['new'] });
    expect(state().outputs.get(document)?.get('2')?.texts).toEqual(['new']);
  });

  it('of a failure is shown again after a reload', async () => {
    const id = await submitted();
    server.runs.begin(id);
    server.runs.fail(id, { node_id: '1', exception_type: 'ValueError', exception_message: 'too large' });
    forgetRuns();
    await act(() => state().resume());
    expect(state().problems.get(document)).toMatchObject([{ origin: { node: '1' }, sentence: 'too large' }]);
  });

  it('shows that a run is lost of which the server knows nothing', async () => {
    const id = await submitted();
    server.runs.end(id, 'cancelled');
    server.runs.forget(() => true);
    await act(() => catchUpRuns());
    expect(run(id)?.state).toBe('lost');
  });
});

describe('the queue', () => {
  it('lists what runs, waits and ran, and settles what was taken out', async () => {
    const first = await submitted();
    const second = await submitted({ front: true });
    server.runs.begin(first);
    await act(() => useQueue.getState().refresh());
    const { running, pending } = useQueue.getState();
    expect(running).toMatchObject([{ id: first, state: 'running', document }]);
    expect(pending).toMatchObject([{ id: second, state: 'queued' }]);
    await act(() => useQueue.getState().cancel(second));
    await act(settled);
    expect(useQueue.getState().pending).toEqual([]);
    expect(run(second)?.state).toBe('interrupted');
    expect(useQueue.getState().running).toBe(running);
  });

  it('shows what a run made, and forgets it', async () => {
    const id = await submitted();
    server.runs.begin(id);
    server.runs.executed(id, '2', { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] });
    server.runs.succeed(id);
    await act(() => useQueue.getState().refresh());
    expect(useQueue.getState().history).toMatchObject([{ id, state: 'done' }]);
    const details = await useQueue.getState().details(id);
    expect(details?.files).toEqual([{ filename: 'a.png', subfolder: '', type: 'output' }]);
    expect(details?.workflow).toMatchObject({ nodes: expect.anything() });
    await act(() => useQueue.getState().removeFromHistory(id));
    expect(useQueue.getState().history).toEqual([]);
  });

  it('keeps what it shows while the server cannot be asked', async () => {
    await submitted();
    await act(() => useQueue.getState().refresh());
    server.refusals.push(new ApiError('offline', 0, 'offline', 'no answer'));
    await act(() => useQueue.getState().refresh());
    expect(useQueue.getState()).toMatchObject({ pending: [expect.anything()], problem: { kind: 'offline' } });
  });
});
