import { act } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { setValue } from '../../src/model/edit';
import { followAutoRun, useAutoRun } from '../../src/state/autoRun';
import { useDocuments } from '../../src/state/documents';
import { run, staged, state } from './runsStage';
import { smallGraph } from './stateSupport';

const stage = staged();
const stopped = vi.fn();
let end: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  stopped.mockClear();
  end = followAutoRun(stopped);
});
afterEach(() => {
  useAutoRun.getState().set('off');
  end();
  vi.useRealTimers();
});

const requests = () => stage.server.requests;
const turn = (mode: 'off' | 'change' | 'instant') => act(() => useAutoRun.getState().set(mode));
const wait = (milliseconds = 1000) => act(() => vi.advanceTimersByTimeAsync(milliseconds));
const type = (seed: number) =>
  act(() => useDocuments.getState().edit('value', (graph) => setValue(graph, '1', 'seed', seed)));

/** The last run begins and ends. */
async function done(fails = false): Promise<void> {
  const id = requests().at(-1)?.prompt_id ?? '';
  await act(async () => {
    stage.server.runs.begin(id);
    if (fails) stage.server.runs.fail(id, { node_id: '1', exception_type: 'E', exception_message: 'no' });
    else stage.server.runs.succeed(id);
  });
  await wait();
}

describe('on every change', () => {
  it('waits for one, until typing is over, and for the run that goes on', async () => {
    useDocuments.getState().open('fixed', smallGraph('fixed'));
    await turn('change');
    await wait();
    expect(requests()).toHaveLength(0);
    await type(6);
    await wait(100);
    await type(61);
    await wait(100);
    expect(requests()).toHaveLength(0);
    await wait();
    expect(requests().map(({ prompt }) => prompt['1'])).toMatchObject([{ inputs: { seed: 61 } }]);
    await type(7);
    await wait();
    await type(8);
    await wait();
    expect(requests()).toHaveLength(1);
    await done();
    expect(requests().map(({ prompt }) => prompt['1'])).toMatchObject([
      { inputs: { seed: 61 } },
      { inputs: { seed: 8 } },
    ]);
    await done();
    expect(requests()).toHaveLength(2);
  });

  it('does not count what changes nothing of the prompt, such as a place or the next seed', async () => {
    await turn('change');
    await act(() =>
      useDocuments.getState().edit('moved', (graph) => {
        const node = graph.nodes.get('1');
        return node ? { ...graph, nodes: new Map(graph.nodes).set('1', { ...node, pos: [9, 9] }) } : graph;
      }),
    );
    await wait();
    expect(requests()).toHaveLength(0);
    await type(9);
    await wait();
    await done();
    expect(requests()).toHaveLength(1);
  });
});

describe('again when done', () => {
  it('runs at once and again after each end, as long as a seed follows', async () => {
    await turn('instant');
    await wait();
    expect(requests()).toHaveLength(1);
    await wait(5000);
    expect(requests()).toHaveLength(1);
    await done();
    expect(requests()).toHaveLength(2);
    await done();
    const seeds = requests().map(({ prompt }) => JSON.stringify(prompt['1']));
    expect(new Set(seeds).size).toBe(3);
    await turn('off');
    await done();
    expect(requests()).toHaveLength(3);
    expect(stopped).not.toHaveBeenCalled();
  });

  it('waits for a change where the same again would change nothing', async () => {
    useDocuments.getState().open('fixed', smallGraph('fixed'));
    await turn('instant');
    await wait();
    await done();
    expect(requests()).toHaveLength(1);
    expect(useAutoRun.getState().isIdle).toBe(true);
    await type(12);
    await wait();
    expect(requests()).toHaveLength(2);
    expect(useAutoRun.getState().isIdle).toBe(false);
  });

  it('is over with a run that fails, a refusal, and a run that is stopped', async () => {
    await turn('instant');
    await wait();
    await done(true);
    expect(useAutoRun.getState().mode).toBe('off');
    expect(stopped).toHaveBeenLastCalledWith('error');
    stage.server.refusals.push(new ApiError('refused', 400, 'x', 'no'));
    await turn('instant');
    await wait();
    expect([useAutoRun.getState().mode, requests().length, stopped.mock.calls.length]).toEqual(['off', 2, 2]);
    await turn('instant');
    await wait();
    const id = requests().at(-1)?.prompt_id ?? '';
    await act(async () => stage.server.runs.begin(id));
    await act(() => state().interrupt());
    await wait();
    expect(run(id)?.state).toBe('interrupted');
    expect(useAutoRun.getState().mode).toBe('off');
    expect(stopped).toHaveBeenLastCalledWith('ended');
    expect(requests()).toHaveLength(3);
  });

  it('goes on in its own document while another one is shown, and ends with it', async () => {
    await turn('instant');
    await wait();
    const other = useDocuments.getState().open('other', smallGraph('fixed'));
    await done();
    expect(requests()).toHaveLength(2);
    expect(run(requests().at(-1)?.prompt_id ?? '')?.document).not.toBe(other);
    await act(() => useDocuments.getState().close(stage.document));
    expect(useAutoRun.getState().mode).toBe('off');
  });
});
