/** What the panels and dialogs do, with a server in memory where one is asked. */

import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { ApiError } from '../../src/api/errors';
import type { Api } from '../../src/api/interface';
import { Dialogs } from '../../src/app/Dialogs';
import { useInterface } from '../../src/app/interface';
import { Rail } from '../../src/app/Rail';
import { TopBar } from '../../src/app/TopBar';
import '../../src/i18n';
import { Lightbox } from '../../src/image/Lightbox';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH } from '../../src/model/types';
import { ErrorsPanel } from '../../src/panels/ErrorsPanel';
import { NodePalette } from '../../src/panels/NodePalette';
import { useNodePalette } from '../../src/panels/nodePaletteStore';
import { QueuePanel } from '../../src/panels/QueuePanel';
import { WorkflowsPanel } from '../../src/panels/WorkflowsPanel';
import { useConnection } from '../../src/state/connection';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { type QueueItem, useQueue } from '../../src/state/queue';
import { type Problem, useRuns } from '../../src/state/runs';

const socket = (type: string) => [type, {}];
const DEFINITIONS = readDefinitions({
  Loader: {
    display_name: 'Load a model',
    category: 'loaders',
    input: { required: {} },
    output: ['MODEL', 'VAE'],
  },
  Sampler: {
    display_name: 'Sampler',
    category: 'sampling',
    description: 'Makes a latent.',
    input: { required: { model: socket('MODEL'), latent: socket('LATENT') } },
    output: ['LATENT'],
  },
  Decode: {
    display_name: 'Decode',
    category: 'latent',
    input: { required: { samples: socket('LATENT'), vae: socket('VAE') } },
    output: ['IMAGE'],
  },
});

const BEGINNING = useDocuments.getState();

/** Only what a test hands in; anything else is an error. */
function fakeApi(parts: Partial<Api>): void {
  setApi(parts as Api);
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  }));
  useDefinitions.setState({ status: 'ready', definitions: DEFINITIONS });
  useDocuments.setState(BEGINNING);
  useDocuments.getState().open('test', EMPTY_GRAPH);
  useInterface.setState({ left: null, right: null, dialog: null, lightbox: null, menu: null, count: 1 });
  useConnection.setState({ status: 'connected', remaining: 0 });
});
afterEach(() => {
  cleanup();
  setApi(null);
  vi.unstubAllGlobals();
});

const open = (from?: {
  readonly node: string;
  readonly slot: number;
  readonly side: 'input' | 'output';
  readonly type: string;
}) =>
  useNodePalette
    .getState()
    .open({ screen: [10, 10], at: [100, 200], ...(from === undefined ? {} : { from }) });

describe('the node palette', () => {
  it('has the focus, finds by words and places where it was opened', async () => {
    open();
    render(<NodePalette />);
    const box = screen.getByRole('combobox');
    expect(document.activeElement).toBe(box);
    await userEvent.type(box, 'makes latent{Enter}');
    const [node] = activeDocument().graph.nodes.values();
    expect(node?.type).toBe('Sampler');
    expect(node?.pos).toEqual([100, 200]);
    expect(activeDocument().selection.nodes.has(node?.id ?? '')).toBe(true);
    expect(useNodePalette.getState().recent[0]).toBe('Sampler');
    expect(screen.queryByRole('combobox')).toBeNull();
  });

  it('offers what fits a dropped link, and wires it in the same step', async () => {
    open();
    const view = render(<NodePalette />);
    await userEvent.type(screen.getByRole('combobox'), 'load{Enter}');
    const [loader] = activeDocument().graph.nodes.keys();
    view.rerender(<NodePalette />);
    fireEvent(window, new Event('x'));
    open({ node: loader ?? '', slot: 1, side: 'output', type: 'VAE' });
    const options = await screen.findAllByRole('option');
    expect(options.map((option) => option.textContent)).toEqual([expect.stringContaining('Decode')]);
    const steps = activeDocument().past.length;
    await userEvent.type(screen.getByRole('combobox'), '{Enter}');
    const [link] = activeDocument().graph.links.values();
    expect(link).toMatchObject({ source: loader, sourceSlot: 1, targetSlot: 1, type: 'VAE' });
    expect(activeDocument().past.length).toBe(steps + 1);
  });

  it('shows the filter as a chip that can be taken away', async () => {
    open({ node: '1', slot: 0, side: 'output', type: 'VAE' });
    render(<NodePalette />);
    expect(screen.getAllByRole('option')).toHaveLength(1);
    await userEvent.click(screen.getByRole('button', { name: /other types than VAE/u }));
    expect(screen.getAllByRole('option')).toHaveLength(3);
  });

  it('moves by arrows, closes by Escape, and does not place while text is composed', async () => {
    open();
    render(<NodePalette />);
    const box = screen.getByRole('combobox');
    fireEvent.keyDown(box, { key: 'Enter', isComposing: true });
    expect(activeDocument().graph.nodes.size).toBe(0);
    await userEvent.keyboard('{ArrowDown}');
    expect(screen.getAllByRole('option')[1]?.getAttribute('aria-selected')).toBe('true');
    await userEvent.keyboard('{Escape}');
    expect(useNodePalette.getState().place).toBeNull();
  });
});

describe('saving', () => {
  const write = vi.fn();
  beforeEach(() => {
    write.mockReset();
    fakeApi({ userFiles: { write } as unknown as Api['userFiles'] });
    useInterface.setState({ dialog: 'save' });
  });

  it('asks for a name once and writes below workflows/', async () => {
    write.mockResolvedValue({ path: 'workflows/my graph.json', size: 1, modified: 1 });
    render(<Dialogs />);
    const box = screen.getByRole('textbox');
    await userEvent.clear(box);
    await userEvent.type(box, 'my graph{Enter}');
    await waitFor(() => expect(activeDocument().file).toBe('workflows/my graph.json'));
    expect(write).toHaveBeenCalledWith('workflows/my graph.json', expect.any(String), false);
    expect(activeDocument().name).toBe('my graph');
    expect(useInterface.getState().dialog).toBeNull();
  });

  it('replaces a file only when told so', async () => {
    write.mockRejectedValueOnce(new ApiError('refused', 409, 'exists', 'exists'));
    write.mockResolvedValue({ path: 'workflows/test.json', size: 1, modified: 1 });
    render(<Dialogs />);
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain('test');
    await userEvent.click(screen.getByRole('button', { name: 'Replace' }));
    await waitFor(() =>
      expect(write).toHaveBeenLastCalledWith('workflows/test.json', expect.any(String), true),
    );
  });
});

describe('the saved workflows', () => {
  it('are listed as text, found by words and opened', async () => {
    const name = 'workflows/<img src=x>.json';
    const read = vi.fn().mockResolvedValue('{"nodes":[],"links":[],"version":0.4}');
    const list = vi.fn().mockResolvedValue([
      { path: name, size: 1, modified: 2 },
      { path: 'workflows/other.json', size: 1, modified: 1 },
      { path: 'workflows/.index.json', size: 1, modified: 1 },
    ]);
    fakeApi({ userFiles: { list, read } as unknown as Api['userFiles'] });
    const { container } = render(<WorkflowsPanel />);
    await screen.findByText('other');
    expect(container.querySelector('img')).toBeNull();
    await userEvent.type(screen.getByRole('searchbox'), 'img');
    expect(screen.queryByText('other')).toBeNull();
    await userEvent.click(screen.getByText('<img src=x>'));
    await waitFor(() => expect(activeDocument().file).toBe(name));
  });
});

describe('the top bar', () => {
  it('has a tab for each workflow and marks the open one', async () => {
    useDocuments.getState().edit('step.added', (graph) => ({ ...graph, lastNodeId: 5 }));
    useDocuments.getState().open('second', EMPTY_GRAPH);
    render(<TopBar />);
    expect(screen.getByRole('tab', { name: /second/u }).getAttribute('aria-selected')).toBe('true');
    await userEvent.click(screen.getByRole('tab', { name: /test/u }));
    expect(activeDocument().name).toBe('test');
  });

  it('runs as often as it was told', async () => {
    const submit = vi.fn().mockResolvedValue({ ids: [], problems: [] });
    useRuns.setState({ submit });
    useInterface.setState({ count: 3 });
    render(<TopBar />);
    await userEvent.click(screen.getByRole('button', { name: /^Run/u }));
    expect(submit).toHaveBeenCalledWith({ count: 3 });
  });

  it('says that the server is not heard', () => {
    useConnection.setState({ status: 'lost' });
    render(<TopBar />);
    expect(screen.getAllByText('Not connected').length).toBeGreaterThan(0);
  });
});

describe('problems', () => {
  const problem: Problem = {
    code: 'required_input_missing',
    origin: { path: [], node: '1' },
    input: 'model',
    sentence: 'A model is missing <b>here</b>.',
    remedy: 'Connect one.',
    traceback: [],
  };

  it('are listed with what to do, and lead to their nodes', async () => {
    open();
    const view = render(<NodePalette />);
    await userEvent.type(screen.getByRole('combobox'), 'sampler{Enter}');
    view.unmount();
    useDocuments.getState().select({});
    useRuns.setState({ problems: new Map([[activeDocument().id, [problem]]]) });
    render(<ErrorsPanel />);
    await userEvent.click(screen.getByRole('button', { name: /A model is missing <b>/u }));
    expect([...activeDocument().selection.nodes]).toEqual(['1']);
    expect(screen.getByText('Connect one.')).toBeTruthy();
  });
});

describe('the queue', () => {
  const item = (id: string, state: QueueItem['state']): QueueItem => ({
    id,
    state,
    number: 1,
    name: null,
    document: null,
    submittedAt: 0,
    startedAt: null,
    endedAt: null,
    preview: null,
    outputs: 0,
    problem: null,
  });

  it('shows what runs and waits, and stops it', async () => {
    const cancel = vi.fn().mockResolvedValue(undefined);
    const refresh = vi.fn().mockResolvedValue(undefined);
    useQueue.setState({
      running: [item('aaa', 'running')],
      pending: [item('bbb', 'queued')],
      history: [],
      cancel,
      refresh,
    });
    render(<QueuePanel />);
    const rows = screen.getAllByRole('listitem');
    expect(rows).toHaveLength(2);
    await userEvent.click(within(rows[1] as HTMLElement).getByRole('button'));
    expect(cancel).toHaveBeenCalledWith('bbb');
  });
});

describe('dialogs', () => {
  it('list all commands and run the chosen one', async () => {
    useInterface.setState({ dialog: 'commands' });
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe(): void {}
        unobserve(): void {}
        disconnect(): void {}
      },
    );
    render(<Dialogs />);
    await userEvent.type(await screen.findByRole('combobox'), 'queue and history{Enter}');
    await waitFor(() => expect(useInterface.getState().left).toBe('queue'));
  });

  it('show keys and settings', async () => {
    useInterface.setState({ dialog: 'shortcuts' });
    const view = render(<Dialogs />);
    expect(await screen.findByText('Bypass')).toBeTruthy();
    view.unmount();
    useInterface.setState({ dialog: 'settings' });
    render(<Dialogs />);
    expect(await screen.findByLabelText('Language')).toBeTruthy();
  });
});

describe('the rail', () => {
  it('opens panels and shows that they are open', async () => {
    render(<Rail />);
    const button = screen.getByRole('button', { name: 'Workflows' });
    await userEvent.click(button);
    expect(useInterface.getState().left).toBe('workflows');
    expect(button.getAttribute('aria-expanded')).toBe('true');
  });
});

describe('the lightbox', () => {
  it('turns by arrows and around the end', async () => {
    fakeApi({ viewUrl: (file) => `./api/view?filename=${encodeURIComponent(file.filename)}` });
    const file = (filename: string) => ({ filename, subfolder: '', type: 'output' });
    useInterface.getState().look([file('a.png'), file('b.png')], 0);
    render(<Lightbox />);
    expect(screen.getByRole('img').getAttribute('alt')).toBe('a.png');
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'ArrowLeft' });
    expect(screen.getByRole('img').getAttribute('alt')).toBe('b.png');
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'ArrowRight' });
    expect(screen.getByRole('img').getAttribute('alt')).toBe('a.png');
  });
});
