import { act, renderHook } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { useNodeErrors } from '../../src/state/runs';
import { run, staged, state, submitted } from './runsStage';
import { smallGraph } from './stateSupport';

const stage = staged();

describe('handing in', () => {
  it('sends the prompt with the workflow and who asks', async () => {
    const id = await submitted({ front: true });
    const [request] = stage.server.requests;
    expect(request).toMatchObject({ client_id: 'me', prompt_id: id, front: true });
    expect(request?.prompt['2']).toMatchObject({ class_type: 'Show', inputs: { images: ['1', 0] } });
    expect(request?.extra_data).toMatchObject({
      extra_pnginfo: { workflow: { nodes: expect.anything() } },
      editor: { document: stage.document, name: 'a' },
    });
    expect(run(id)).toMatchObject({ document: stage.document, state: 'queued', total: 2, progress: 0 });
    expect(state().shown.get(stage.document)).toBe(id);
  });

  it('names only targets that are in the prompt', async () => {
    await submitted({ targets: ['2', '99'] });
    expect(stage.server.requests[0]?.partial_execution_targets).toEqual(['2']);
  });

  it('shows the seed that is used, advances one that has run, and keeps one that was typed', async () => {
    const seedShown = () => activeDocument().graph.nodes.get('1')?.values.get('seed');
    const seedSent = (index: number) => stage.server.requests[index]?.prompt['1'];
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
    const seeds = stage.server.requests.map(({ prompt }) => JSON.stringify(prompt['1']));
    expect(seeds.map((seed) => seed.match(/"seed":(\d+)/)?.[1])).toEqual(['5', '6', '7']);
    expect(activeDocument().graph.nodes.get('1')?.values.get('seed')).toBe(7);
  });

  it('sends again under the same id when there was no answer', async () => {
    vi.useFakeTimers();
    stage.server.refusals.push(new ApiError('offline', 0, 'offline', 'no answer'));
    const handed = state().submit();
    await vi.advanceTimersByTimeAsync(600);
    const { ids } = await handed;
    vi.useRealTimers();
    expect(stage.server.requests.map(({ prompt_id }) => prompt_id)).toEqual([ids[0], ids[0]]);
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
    stage.server.refusals.push(new ApiError('refused', 400, whole.type, 'm', '', whole, nodeErrors));
    const { ids, problems } = await act(() => state().submit());
    expect(ids).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(result.current).toMatchObject([
      { input: 'seed', sentence: "Value not in list: seed: 'x' not in []", remedy: 'Choose another.' },
      { input: null, sentence: 'it is too late', origin: { path: [], node: '1' } },
    ]);
    expect(state().runs.size).toBe(0);
    act(() => state().clearProblems(stage.document));
    expect(result.current).toEqual([]);
  });

  it('of the whole say so, and mark all nodes of a ring', async () => {
    const whole = {
      type: 'prompt_outputs_failed_validation',
      message: 'm',
      details: '1 -> 2 -> 1',
      extra_info: { rings: [['1', '2']], sentence: 'they wait for each other', remedy: 'Cut a link.' },
    };
    stage.server.refusals.push(new ApiError('refused', 400, whole.type, 'they wait', 'Cut a link.', whole));
    stage.server.refusals.push(new ApiError('offline', 0, 'offline', 'no answer'), null);
    const ringed = await state().submit();
    expect(ringed.problems.map(({ origin, sentence }) => [origin?.node, sentence])).toEqual([
      ['1', 'they wait for each other'],
      ['2', 'they wait for each other'],
    ]);
  });

  it('of a node that there is not stand at that node', async () => {
    const whole = { type: 'invalid_prompt', message: 'm', details: '', extra_info: { node_id: '2' } };
    stage.server.refusals.push(new ApiError('refused', 400, whole.type, 'no such node', '', whole));
    const { problems } = await state().submit();
    expect(problems).toMatchObject([{ origin: { node: '2' }, sentence: 'no such node' }]);
  });

  it('of a part let the rest run, and go with the next attempt', async () => {
    stage.server.nodeErrors = {
      '1': { errors: [entry('seed', {})], dependent_outputs: [], class_type: 'Make' },
    };
    const { ids, problems } = await state().submit();
    expect([ids.length, problems.length]).toEqual([1, 1]);
    stage.server.nodeErrors = {};
    await state().submit();
    expect(state().problems.get(stage.document)).toBeUndefined();
  });
});
