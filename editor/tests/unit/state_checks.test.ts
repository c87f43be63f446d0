/** Workflows that are held back, the way around that, and seeds that change after a run. */

import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { disconnect } from '../../src/model/edit';
import type { JsonObject } from '../../src/model/types';
import { useChecks } from '../../src/state/checks';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { useSettings } from '../../src/state/settings';
import { staged, state, submitted } from './runsStage';
import { INFO, smallGraph } from './stateSupport';

const stage = staged();

describe('a workflow that the server would refuse', () => {
  const cut = (): void => useDocuments.getState().edit('step.disconnected', (graph) => disconnect(graph, 1));

  it('is held back with the reason at its input', async () => {
    cut();
    const { ids, problems } = await state().submit({ front: true });
    expect(ids).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'required_input_missing', origin: { path: [], node: '2' }, input: 'images' },
    ]);
    expect(problems[0]?.remedy).toContain('IMAGE');
    expect(stage.server.requests).toEqual([]);
    expect(useChecks.getState().held.get(stage.document)).toMatchObject({ front: true });
    expect(activeDocument().graph.nodes.get('1')?.values.get('seed')).toBe(5);
  });

  it('is sent where somebody insists, and is trusted from then on if the server took it', async () => {
    cut();
    await state().submit();
    await state().submit({ unchecked: true });
    expect(stage.server.requests).toHaveLength(1);
    expect(useChecks.getState().held.has(stage.document)).toBe(false);
    const { problems } = await state().submit();
    expect(problems).toEqual([]);
    expect(stage.server.requests).toHaveLength(2);
    useChecks.setState({ trusted: new Set() });
  });

  it('stays mistrusted where the server refused it too', async () => {
    cut();
    stage.server.refusals.push(new ApiError('refused', 400, 'x', 'no'));
    await state().submit({ unchecked: true });
    expect(useChecks.getState().trusted.size).toBe(0);
    await state().submit();
    expect(stage.server.requests).toHaveLength(1);
  });

  it('is looked at once more with what the server has by now', async () => {
    const { Make, ...without } = INFO;
    stage.server.info = without;
    await useDefinitions.getState().refresh();
    stage.server.info = { ...without, Make } as JsonObject;
    const { problems } = await state().submit();
    expect(problems).toEqual([]);
    expect(stage.server.requests).toHaveLength(1);
  });
});

describe('seeds that change after a run', () => {
  const seed = () => activeDocument().graph.nodes.get('1')?.values.get('seed');
  const sent = () =>
    stage.server.requests.map(({ prompt }) => JSON.stringify(prompt['1']).match(/"seed":(\d+)/)?.[1]);

  it('show what runs next, also in a batch; back to before, what is shown runs first', async () => {
    useSettings.setState({ seeds: 'after' });
    useDocuments.getState().open('b', smallGraph('increment'));
    await submitted();
    expect([sent(), seed()]).toEqual([['5'], 6]);
    await state().submit({ count: 2 });
    expect([sent(), seed()]).toEqual([['5', '6', '7'], 8]);
    useSettings.setState({ seeds: 'before' });
    await submitted();
    expect([sent().at(-1), seed()]).toEqual(['8', 8]);
    await submitted();
    expect([sent().at(-1), seed()]).toEqual(['9', 9]);
  });

  it('stay where the server refused the run', async () => {
    useSettings.setState({ seeds: 'after' });
    useDocuments.getState().open('b', smallGraph('increment'));
    stage.server.refusals.push(new ApiError('refused', 400, 'x', 'no'));
    await state().submit();
    expect(seed()).toBe(5);
    useSettings.setState({ seeds: 'before' });
  });

  it('differ between two runs that are asked for at once', async () => {
    useDocuments.getState().open('b', smallGraph('increment'));
    await Promise.all([state().submit(), state().submit()]);
    expect(sent()).toEqual(['5', '6']);
  });
});
