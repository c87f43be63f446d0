/** The waiting runs as a list that is put in order by keys and buttons, and how long nodes took. */

import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timesOf } from '../../src/panels/runTimes';
import { beforeAt, placeByKey } from '../../src/panels/useReorder';
import { WaitingList } from '../../src/panels/WaitingList';
import { type QueueItem, useQueue } from '../../src/state/queue';
import { advancedRun, newRun } from '../../src/state/runProgress';
import { DEFINITIONS, smallGraph } from './stateSupport';

const item = (id: string, name: string | null = id): QueueItem => ({
  id,
  name,
  state: 'queued',
  number: 1,
  document: null,
  submittedAt: 0,
  startedAt: null,
  endedAt: null,
  preview: null,
  outputs: 0,
  problem: null,
});

describe('the place of a run', () => {
  it('is changed by Alt with arrows, Home and End, and stays in the list', () => {
    const by = (key: string, from: number, altKey = true) => placeByKey({ altKey, key }, from, 3);
    expect([by('ArrowUp', 1), by('ArrowDown', 1), by('Home', 2), by('End', 0)]).toEqual([0, 2, 0, 2]);
    expect([by('ArrowUp', 0), by('ArrowDown', 2)]).toEqual([0, 2]);
    expect([by('ArrowUp', 1, false), by('a', 1), by('ArrowUp', -1)]).toEqual([null, null, null]);
  });

  it('is told as the run before which it goes', () => {
    const ids = ['a', 'b', 'c'];
    expect([beforeAt(ids, 2, 0), beforeAt(ids, 0, 1), beforeAt(ids, 0, 2)]).toEqual(['a', 'c', null]);
  });
});

describe('the waiting runs', () => {
  const move = vi.fn();
  const cancel = vi.fn().mockResolvedValue(undefined);
  const items = [item('a'), item('b', '<b>bold</b>'), item('c', null)];

  beforeEach(() => {
    move.mockReset().mockResolvedValue(undefined);
    useQueue.setState({ pending: items, move, cancel });
  });
  afterEach(cleanup);

  it('say their name and place, as text', () => {
    render(<WaitingList items={items} />);
    expect(screen.getAllByRole('listitem').map((row) => row.getAttribute('aria-label'))).toEqual([
      'a, place 1 of 3',
      '<b>bold</b>, place 2 of 3',
      'Run c, place 3 of 3',
    ]);
  });

  it('are moved by keys, keep the focus and say where they are', async () => {
    const view = render(<WaitingList items={items} />);
    screen.getByRole('listitem', { name: /^Run c/u }).focus();
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(move).toHaveBeenCalledWith('c', 'b');
    const [a, b, c] = items as [QueueItem, QueueItem, QueueItem];
    view.rerender(<WaitingList items={[a, c, b]} />);
    expect(document.activeElement?.getAttribute('data-reorder')).toBe('c');
    expect(screen.getByRole('status').textContent).toBe('Run c is now at place 2 of 3');
    await userEvent.keyboard('{Alt>}{End}{/Alt}');
    expect(move).toHaveBeenLastCalledWith('c', null);
  });

  it('are put to the front and taken out by buttons', async () => {
    render(<WaitingList items={items} />);
    const [first] = screen.getAllByRole('button', { name: 'Run next' });
    if (first) await userEvent.click(first);
    expect(move).toHaveBeenCalledWith('b', 'a');
    const removes = screen.getAllByRole('button', { name: 'Take out of the queue' });
    if (removes[2]) await userEvent.click(removes[2]);
    expect(cancel).toHaveBeenCalledWith('c');
  });
});

describe('the times of a run', () => {
  it('are those of the nodes that ran, the longest first, by their titles', () => {
    const moment = (at: number) => ({ at, isLogged: false });
    let run = newRun('r', 'd', { total: 2 });
    run = advancedRun(run, { kind: 'start', run: 'r', at: 1000, toRun: 2 }, moment(1000));
    run = advancedRun(run, { kind: 'cached', run: 'r', nodes: ['7'] }, moment(1000));
    const done = (seconds: number) => ({ state: 'finished', value: 1, max: 1, seconds }) as const;
    const nodes = new Map([
      ['1', done(0.5)],
      ['2', done(2)],
      ['99', done(1)],
    ]);
    run = advancedRun(run, { kind: 'states', run: 'r', nodes }, moment(4000));
    run = advancedRun(run, { kind: 'success', run: 'r' }, moment(4500));
    const times = timesOf(run, smallGraph(), DEFINITIONS);
    expect(times.nodes.map(({ title, seconds, part }) => [title, seconds, part])).toEqual([
      ['Show', 2, 1],
      ['99', 1, 0.5],
      ['Make', 0.5, 0.25],
    ]);
    expect([times.cached, times.milliseconds]).toEqual([1, 3500]);
  });
});
