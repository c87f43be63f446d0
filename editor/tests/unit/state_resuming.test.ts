import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { catchUpRuns, runListener } from '../../src/state/runs';
import { forgetRuns, listen, run, staged, state, submitted } from './runsStage';
import { settled } from './stateSupport';

const stage = staged();

describe('what was missed', () => {
  it('is read from the log, once and in order', async () => {
    const id = await submitted();
    const deaf = stage.server.runs;
    stage.server.disconnect();
    deaf.begin(id);
    deaf.executed(id, '2', { text: ['missed'] });
    listen(stage.server);
    deaf.executed(id, '1', { text: ['heard'] });
    deaf.succeed(id);
    await act(settled);
    expect(run(id)).toMatchObject({ state: 'done', progress: 1 });
    expect(state().outputs.get(stage.document)?.get('2')?.texts).toEqual(['missed']);
    expect(state().outputs.get(stage.document)?.get('1')?.texts).toEqual(['heard']);
  });

  it('is picked up after a reload', async () => {
    const first = await submitted();
    stage.server.runs.begin(first);
    stage.server.runs.executed(first, '2', { text: ['old'] });
    stage.server.runs.succeed(first);
    const second = await submitted();
    stage.server.runs.begin(second);
    stage.server.runs.executing(second, '1');
    const third = await submitted();
    forgetRuns();
    await act(() => state().resume());
    expect(state().shown.get(stage.document)).toBe(second);
    expect([first, second, third].map((id) => run(id)?.state)).toEqual(['done', 'running', 'queued']);
    expect(state().outputs.get(stage.document)?.get('2')?.texts).toEqual(['old']);
    expect(run(second)?.nodes.get('1')?.state).toBe('running');
    stage.server.runs.progress(second, '1', 1, 2);
    stage.server.preview(second, '1', new Uint8Array([1]));
    stage.server.runs.executed(second, '2', { text: ['new'] });
    expect(state().outputs.get(stage.document)?.get('2')?.texts).toEqual(['new']);
  });

  it('leaves progress, begin and times as they were, whatever is heard before the log is read', async () => {
    const id = await submitted();
    stage.server.runs.begin(id, ['2'], 1);
    stage.server.runs.tell(id, 'executing', { node: '1', display_node: '1' });
    stage.server.runs.tell(id, 'progress', { node: '1', value: 13, max: 200 });
    const before = run(id);
    expect(before?.progress).toBe(13 / 200);
    forgetRuns();
    // A socket that comes back is told first how things stand.
    stage.server.runs.states(id, {
      '1': { value: 13, max: 200, state: 'running' },
      '2': { value: 1, max: 1, state: 'finished' },
    });
    expect(run(id)?.progress).toBeLessThanOrEqual(13 / 200);
    expect(run(id)?.startedAt).toBeNull();
    await act(() => state().resume());
    expect(run(id)).toMatchObject({
      progress: 13 / 200,
      startedAt: before?.startedAt,
      document: stage.document,
    });
    expect(run(id)?.startedAt).toBeGreaterThan(0);
    expect(run(id)?.nodes.get('2')?.state).toBe('cached');
  });

  it('shows the run at work also when it was heard of before an older one was read', async () => {
    const old = await submitted();
    stage.server.runs.begin(old);
    stage.server.runs.succeed(old);
    const id = await submitted();
    forgetRuns();
    stage.server.runs.begin(id);
    expect(state().shown.get(stage.document)).toBe(id);
    runListener.forget(old);
    await act(() => state().resume());
    expect([run(old)?.state, run(id)?.state]).toEqual(['done', 'running']);
    expect(state().shown.get(stage.document)).toBe(id);
  });

  it('is the same of a server that does not say how much is to run', async () => {
    const id = await submitted();
    stage.server.runs.begin(id, ['2']);
    stage.server.runs.tell(id, 'executing', { node: '1', display_node: '1' });
    stage.server.runs.tell(id, 'progress', { node: '1', value: 1, max: 4 });
    expect(run(id)?.progress).toBe(0.25);
    forgetRuns();
    stage.server.runs.states(id, { '1': { value: 1, max: 4, state: 'running' } });
    await act(() => state().resume());
    expect(run(id)?.progress).toBe(0.25);
  });

  it('of a failure is shown again after a reload', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.fail(id, {
      node_id: '1',
      exception_type: 'ValueError',
      exception_message: 'too large',
    });
    forgetRuns();
    await act(() => state().resume());
    expect(state().problems.get(stage.document)).toMatchObject([
      { origin: { node: '1' }, sentence: 'too large' },
    ]);
  });

  it('shows that a run is lost of which the server knows nothing', async () => {
    const id = await submitted();
    stage.server.runs.end(id, 'cancelled');
    stage.server.runs.forget(() => true);
    await act(() => catchUpRuns());
    expect(run(id)?.state).toBe('lost');
  });
});
