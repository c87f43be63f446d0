import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { useQueue } from '../../src/state/queue';
import { run, staged, state, submitted } from './runsStage';
import { settled } from './stateSupport';

const stage = staged();

describe('the queue', () => {
  it('lists what runs, waits and ran, and settles what was taken out', async () => {
    const first = await submitted();
    const second = await submitted({ front: true });
    stage.server.runs.begin(first);
    await act(() => useQueue.getState().refresh());
    const { running, pending } = useQueue.getState();
    expect(running).toMatchObject([{ id: first, state: 'running', document: stage.document }]);
    expect(pending).toMatchObject([{ id: second, state: 'queued' }]);
    await act(() => useQueue.getState().cancel(second));
    await act(settled);
    expect(useQueue.getState().pending).toEqual([]);
    expect(run(second)?.state).toBe('interrupted');
    expect(useQueue.getState().running).toBe(running);
  });

  it('puts waiting runs into another order at once, and back where the server refuses', async () => {
    const [one, two, three] = [await submitted(), await submitted(), await submitted()];
    await act(() => useQueue.getState().refresh());
    const order = () => useQueue.getState().pending.map(({ id }) => id);
    expect(order()).toEqual([one, two, three]);
    await act(async () => {
      const moving = useQueue.getState().move(three, one);
      expect(order()).toEqual([three, one, two]);
      await moving;
    });
    expect(order()).toEqual([three, one, two]);
    await act(() => useQueue.getState().move(three, null));
    expect(order()).toEqual([one, two, three]);
    stage.server.runs.begin(one);
    await act(() => expect(useQueue.getState().move(two, one)).rejects.toThrow('waits no longer'));
    await act(settled);
    expect(order()).toEqual([two, three]);
  });

  it('names runs as their workflow was called', async () => {
    const id = await submitted();
    await act(() => useQueue.getState().refresh());
    expect(useQueue.getState().pending).toMatchObject([{ id, name: 'a' }]);
  });

  it('tries a run again, which shows on the document it came from', async () => {
    const first = await submitted();
    stage.server.runs.begin(first);
    stage.server.runs.fail(first, { node_id: '1', exception_type: 'ValueError', exception_message: 'no' });
    await act(() => useQueue.getState().retry(first));
    const again = useQueue.getState().pending[0]?.id ?? '';
    expect(again).not.toBe(first);
    const [asked] = stage.server.requests;
    expect(stage.server.requests.at(-1)).toMatchObject({ client_id: 'me', prompt: asked?.prompt });
    expect(run(again)).toMatchObject({ document: stage.document, state: 'queued' });
    act(() => stage.server.runs.begin(again));
    expect(state().shown.get(stage.document)).toBe(again);
  });

  it('shows what a run made, and forgets it', async () => {
    const id = await submitted();
    stage.server.runs.begin(id);
    stage.server.runs.executed(id, '2', { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] });
    stage.server.runs.succeed(id);
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
    stage.server.refusals.push(new ApiError('offline', 0, 'offline', 'no answer'));
    await act(() => useQueue.getState().refresh());
    expect(useQueue.getState()).toMatchObject({ pending: [expect.anything()], problem: { kind: 'offline' } });
  });
});
