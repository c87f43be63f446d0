import { act, renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import {
  forgetClosed,
  useNodeErrors,
  useNodeRun,
  useNodeText,
  useOutput,
  usePreview,
} from '../../src/state/runs';
import { run, staged, state, submitted } from './runsStage';

const stage = staged();

describe('a run', () => {
  it('tells each node how it fares, and what it showed', async () => {
    const maker = renderHook(() => useNodeRun('1'));
    const output = renderHook(() => useOutput('2'));
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    stage.server.runs.progress(id, '1', 1, 4);
    expect(maker.result.current).toMatchObject({ state: 'running', value: 1, max: 4 });
    expect(run(id)?.progress).toBe(0.125);
    stage.server.runs.states(id, { '1': { value: 4, max: 4, state: 'finished' } });
    expect(maker.result.current).toMatchObject({ state: 'done', value: 4 });
    const picture = { filename: 'a.png', subfolder: '', type: 'output' };
    stage.server.runs.executed(id, '2', { images: [picture], text: ['hello'] });
    expect(output.result.current).toMatchObject({ images: [picture], texts: ['hello'] });
    stage.server.runs.succeed(id);
    expect(run(id)).toMatchObject({ state: 'done', progress: 1 });
  });

  it('keeps nodes that were known already as cached', async () => {
    const id = await submitted();
    stage.server.runs.begin(id, ['1']);
    stage.server.runs.states(id, { '1': { value: 1, max: 1, state: 'finished' } });
    expect(run(id)?.nodes.get('1')?.state).toBe('cached');
    expect(run(id)?.progress).toBe(0);
    stage.server.runs.executing(id, '2');
    stage.server.runs.progress(id, '2', 1, 4);
    expect(run(id)?.progress).toBe(0.25);
  });

  it('has as much to do as the server said, whatever the prompt holds', async () => {
    const id = await submitted();
    stage.server.runs.begin(id, [], 4);
    stage.server.runs.executing(id, '1');
    stage.server.runs.progress(id, '1', 1, 2);
    expect(run(id)?.progress).toBe(0.125);
  });

  it('knows how long a node took from the server, also of what grew out of it', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    stage.server.runs.states(id, {
      '1': { value: 1, max: 1, state: 'finished', seconds: 1.5 },
      '1.0.a': { value: 1, max: 1, state: 'finished', seconds: 0.25, display_node_id: '1' },
    });
    expect(run(id)?.nodes.get('1')).toMatchObject({ state: 'done', seconds: 1.75 });
    stage.server.runs.states(id, { '1': { value: 1, max: 1, state: 'finished' } });
    expect(run(id)?.nodes.get('1')?.seconds).toBe(1.75);
  });

  it('shows what a node says of what it is at, until the next run begins', async () => {
    const { result } = renderHook(() => [useNodeText('1'), useNodeText('2')]);
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    stage.server.text('1', 'fetching 1 of 2 ✂');
    stage.server.text('1', 'fetching 2 of 2 ✂');
    expect(result.current).toEqual(['fetching 2 of 2 ✂', null]);
    stage.server.runs.succeed(id);
    expect(result.current[0]).toBe('fetching 2 of 2 ✂');
    const next = await submitted();
    expect(result.current[0]).toBe('fetching 2 of 2 ✂');
    stage.server.runs.begin(next);
    expect(result.current[0]).toBeNull();
  });

  it('that fails marks the node with its error', async () => {
    const { result } = renderHook(() => useNodeErrors('1'));
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    stage.server.runs.fail(id, {
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
    stage.server.runs.begin(id);
    stage.server.runs.tell(id, 'execution_error', {
      node_id: '2',
      exception_type: 'ExecutionBlocked',
      exception_message: 'not this one',
    });
    expect(run(id)?.state).toBe('running');
    stage.server.runs.succeed(id);
    expect(run(id)?.state).toBe('done');
    expect(state().problems.get(stage.document)).toHaveLength(1);
  });

  it('is interrupted', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    await act(() => state().interrupt());
    expect(run(id)?.state).toBe('interrupted');
  });

  it('begins anew when its worker died', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    stage.server.runs.begin(id);
    expect(run(id)).toMatchObject({ state: 'running', progress: 0 });
  });

  it('re-renders no other node', async () => {
    let renders = 0;
    renderHook(() => {
      renders += 1;
      return [useNodeRun('2'), usePreview('2'), useOutput('2'), useNodeErrors('2')];
    });
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    const before = renders;
    for (let step = 1; step <= 20; step += 1) stage.server.runs.progress(id, '1', step, 20);
    expect(renders).toBe(before);
  });
});

describe('previews', () => {
  const frame = () => act(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));

  it('show the newest of a frame, and give up each address that is replaced', async () => {
    const { result } = renderHook(() => usePreview('1'));
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executing(id, '1');
    for (let step = 0; step < 5; step += 1) stage.server.preview(id, '1', new Uint8Array([step]));
    await frame();
    expect(stage.made).toEqual(['blob:0']);
    expect(result.current).toBe('blob:0');
    stage.server.preview(id, '1', new Uint8Array([9]));
    await frame();
    expect(result.current).toBe('blob:1');
    expect(stage.revoked).toEqual(['blob:0']);
    stage.server.runs.succeed(id);
    expect(result.current).toBeNull();
    expect(stage.revoked).toEqual(['blob:0', 'blob:1']);
  });

  it('of a stage.document that is closed are given up', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.preview(id, '1', new Uint8Array([1]));
    await frame();
    forgetClosed(new Set());
    expect(stage.revoked).toEqual(stage.made);
    expect(state().shown.size + state().outputs.size + state().problems.size).toBe(0);
  });

  it('that come after the end are not shown', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.preview(id, '1', new Uint8Array([1]));
    stage.server.runs.succeed(id);
    stage.server.preview(id, '1', new Uint8Array([1]));
    await frame();
    expect(stage.made).toEqual([]);
  });
});
