/** Seeds, uploads, inspector, outline and help against the stores they change. */

import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { parse } from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../src/i18n';
import { setApi } from '../../src/api/current';
import { ApiError } from '../../src/api/errors';
import type { Api } from '../../src/api/interface';
import { jobDetail } from '../../src/api/words';
import { addNode } from '../../src/model/edit_nodes';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH, type Graph, type GraphNode } from '../../src/model/types';
import { Inspector } from '../../src/panels/Inspector';
import { NodeHelp } from '../../src/panels/NodeHelp';
import { Outline } from '../../src/panels/Outline';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { useRuns } from '../../src/state/runs';

const MOST = (1n << 64n) - 1n;

const definitions = readDefinitions({
  Loader: {
    display_name: 'Load',
    input: { required: { image: [['a.png'], { image_upload: true }] } },
    output: ['IMAGE', 'MASK'],
    output_name: ['picture', 'mask'],
  },
  Sampler: {
    display_name: 'Sample <b>',
    description: 'Makes a picture.',
    category: 'sampling',
    input: {
      required: {
        image: ['IMAGE', { tooltip: 'What it starts from.' }],
        seed: ['INT', { min: 0, max: MOST, default: 7 }],
        steps: ['INT', { min: 1, max: 100, default: 20 }],
      },
    },
    output: ['IMAGE'],
    output_name: ['result'],
    output_node: true,
  },
});

function added(graph: Graph, type: string): Graph {
  const definition = definitions.get(type);
  if (definition === undefined) throw new Error(type);
  return addNode(graph, definition, [graph.nodes.size * 300, 0]).graph;
}

const graphNow = (): Graph => activeDocument().graph;

function nodeNow(id: string): GraphNode {
  const node = graphNow().nodes.get(id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}

function select(...ids: string[]): void {
  useDocuments.getState().select({ nodes: new Set(ids) });
}

const noApi: Partial<Api> = { viewUrl: ({ filename }) => `view/${filename}` };

function serve(parts: Partial<Api>): void {
  setApi({ ...noApi, ...parts } as Api);
}

beforeEach(() => {
  serve({});
  useDefinitions.setState({ definitions, status: 'ready', refresh: vi.fn(async () => {}) });
  useRuns.setState({ shown: new Map() });
  useDocuments.getState().open('test', added(added(EMPTY_GRAPH, 'Loader'), 'Sampler'));
});
afterEach(() => {
  cleanup();
  setApi(null);
});

describe('the inspector', () => {
  it('says what to do while nothing is selected', () => {
    render(<Inspector />);
    expect(screen.getByText(/Select a node/)).toBeTruthy();
  });

  it('changes values, title and mode, each an own step', async () => {
    const user = userEvent.setup();
    select('2');
    render(<Inspector />);
    const steps = screen.getByRole('spinbutton', { name: 'steps' });
    await user.clear(steps);
    await user.type(steps, '35');
    expect(nodeNow('2').values.get('steps')).toBe(35);
    expect(activeDocument().past).toHaveLength(1);
    await user.type(screen.getByRole('textbox', { name: 'Title' }), 'Mine');
    expect(nodeNow('2').title).toBe('Mine');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Mode' }), 'Bypassed');
    expect(nodeNow('2').mode).toBe(4);
    await user.click(screen.getByRole('button', { name: 'Blue' }));
    expect(nodeNow('2').color).toBe('#2c5080');
    expect(activeDocument().past.map((step) => step.label)).toEqual([
      'step.value',
      'step.renamed',
      'step.mode',
      'step.coloured',
    ]);
  });

  it('connects and disconnects with menus', async () => {
    const user = userEvent.setup();
    select('2');
    render(<Inspector />);
    await user.click(screen.getByRole('button', { name: 'Connect image to…' }));
    const options = within(screen.getByRole('listbox')).getAllByRole('option');
    expect(options.map((option) => option.textContent)).toEqual(['Load #1 · picture']);
    await user.keyboard('{Enter}');
    expect([...graphNow().links.values()]).toMatchObject([
      { source: '1', sourceSlot: 0, target: '2', targetSlot: 0 },
    ]);
    await user.click(screen.getByRole('button', { name: 'Disconnect from Load #1 · picture' }));
    expect(graphNow().links.size).toBe(0);
  });

  it('keeps what nodes of unknown type hold', () => {
    const unknown = { ...nodeNow('1'), id: '9', type: 'Gone', stored: ['<script>', 3], values: new Map() };
    useDocuments
      .getState()
      .edit('x', (graph) => ({ ...graph, nodes: new Map(graph.nodes).set('9', unknown) }));
    select('9');
    render(<Inspector />);
    expect(screen.getByText(/no node “Gone”/)).toBeTruthy();
    expect(document.querySelector('.node-stored')?.textContent).toContain('<script>');
  });

  it('changes several nodes together', async () => {
    const user = userEvent.setup();
    select('1', '2');
    render(<Inspector />);
    expect(screen.getByText('2 nodes selected')).toBeTruthy();
    await user.selectOptions(screen.getByRole('combobox', { name: 'Mode' }), 'Muted');
    expect([nodeNow('1').mode, nodeNow('2').mode]).toEqual([2, 2]);
    await user.click(screen.getByRole('button', { name: 'Load #1' }));
    expect([...activeDocument().selection.nodes]).toEqual(['1']);
  });
});

describe('a seed', () => {
  it('is thrown anew', async () => {
    const user = userEvent.setup();
    select('2');
    render(<Inspector />);
    await user.click(screen.getByRole('button', { name: 'New random seed' }));
    const seed = nodeNow('2').values.get('seed');
    expect(seed).not.toBe(7);
    expect(BigInt(seed as bigint) <= MOST).toBe(true);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Each run' }), 'Count up');
    expect(nodeNow('2').values.get('seed.control')).toBe('increment');
  });

  it('is taken from the last run and kept, in one step', async () => {
    const user = userEvent.setup();
    serve({
      job: async (id) =>
        parse(jobDetail, {
          id,
          status: 'completed',
          workflow: { prompt: { '2': { class_type: 'Sampler', inputs: { seed: MOST } } } },
        }),
    });
    select('2');
    render(<Inspector />);
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Use the seed of the last run' });
    expect(button.disabled).toBe(true);
    useRuns.setState({ shown: new Map([[activeDocument().id, 'run']]) });
    await waitFor(() => expect(button.disabled).toBe(false));
    await user.click(button);
    await waitFor(() => expect(nodeNow('2').values.get('seed')).toBe(MOST));
    expect(nodeNow('2').values.get('seed.control')).toBe('fixed');
    expect(activeDocument().past).toHaveLength(1);
  });
});

describe('an upload', () => {
  const file = new File(['x'], 'new.png', { type: 'image/png' });

  it('shows that it goes on, then chooses the file', async () => {
    const user = userEvent.setup();
    let done: (() => void) | null = null;
    const uploadImage = vi.fn<Api['uploadImage']>(
      () =>
        new Promise((resolve) => {
          done = () => resolve({ name: 'new (1).png', subfolder: 'sub', type: 'input' });
        }),
    );
    serve({ uploadImage });
    select('1');
    render(<Inspector />);
    await user.upload(screen.getByTestId('widget-file'), file);
    const bar = screen.getByRole('progressbar', { name: 'Uploading new.png' });
    expect(bar.hasAttribute('value')).toBe(false);
    expect(uploadImage).toHaveBeenCalledWith(file, 'new.png', expect.anything());
    act(() => uploadImage.mock.calls[0]?.[2]?.onProgress?.(0.426));
    expect([bar.getAttribute('value'), bar.getAttribute('aria-valuetext')]).toEqual(['42', '42 % sent']);
    (done as (() => void) | null)?.();
    await waitFor(() => expect(nodeNow('1').values.get('image')).toBe('sub/new (1).png'));
    expect(screen.queryByRole('progressbar')).toBeNull();
    expect(useDefinitions.getState().refresh).toHaveBeenCalled();
  });

  it('is given up by its button, and leaves the value as it was', async () => {
    const user = userEvent.setup();
    const uploadImage = vi.fn<Api['uploadImage']>(() => new Promise(() => undefined));
    serve({ uploadImage });
    select('1');
    const before = nodeNow('1').values.get('image');
    render(<Inspector />);
    await user.upload(screen.getByTestId('widget-file'), file);
    await user.click(screen.getByRole('button', { name: 'Stop sending new.png' }));
    expect(uploadImage.mock.calls[0]?.[2]?.signal?.aborted).toBe(true);
    expect(screen.queryByRole('progressbar')).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(nodeNow('1').values.get('image')).toBe(before);
  });

  it('tells why the server refused', async () => {
    serve({
      uploadImage: async () => {
        throw new ApiError('refused', 413, 'too_large', 'The file is too large.', 'Choose a smaller one.');
      },
    });
    select('1');
    render(<Inspector />);
    fireEvent.drop(screen.getByRole('combobox', { name: 'image' }), {
      dataTransfer: { files: [file], types: ['Files'] },
    });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toBe('The file is too large. Choose a smaller one.');
    expect(nodeNow('1').values.get('image')).toBe('a.png');
  });

  it('reaches its node although another workflow is open by then', async () => {
    const first = activeDocument().id;
    let done: (() => void) | null = null;
    serve({
      uploadImage: () =>
        new Promise((resolve) => {
          done = () => resolve({ name: 'late.png', subfolder: '', type: 'input' });
        }),
    });
    select('1');
    render(<Inspector />);
    fireEvent.change(screen.getByTestId('widget-file'), { target: { files: [file] } });
    useDocuments.getState().open('other', added(added(EMPTY_GRAPH, 'Loader'), 'Loader'));
    (done as (() => void) | null)?.();
    const imageOf = (id: string) =>
      useDocuments
        .getState()
        .documents.find((each) => each.id === id)
        ?.graph.nodes.get('1')
        ?.values.get('image');
    await waitFor(() => expect(imageOf(first)).toBe('late.png'));
    expect(imageOf(activeDocument().id)).toBe('a.png');
  });
});

describe('the outline', () => {
  it('lists, finds, renames, opens and deletes nodes', async () => {
    const user = userEvent.setup();
    render(<Outline />);
    const table = screen.getByRole('table', { name: 'Nodes' });
    expect(within(table).getAllByRole('textbox')).toHaveLength(2);
    await user.type(screen.getByRole('textbox', { name: 'Title of Load #1' }), 'First');
    expect(nodeNow('1').title).toBe('First');
    await user.click(screen.getByRole('button', { name: 'Open Sample <b> #2' }));
    await user.clear(screen.getByRole('spinbutton', { name: 'steps' }));
    await user.type(screen.getByRole('spinbutton', { name: 'steps' }), '9');
    expect(nodeNow('2').values.get('steps')).toBe(9);
    await user.type(screen.getByRole('searchbox', { name: 'Search nodes' }), 'first');
    expect(within(table).getAllByRole('textbox')).toHaveLength(1);
    await user.click(screen.getByRole('button', { name: 'Delete First #1' }));
    expect(graphNow().nodes.size).toBe(1);
  });

  it('lists links, moves and cuts them, and makes new ones', async () => {
    const user = userEvent.setup();
    useDocuments.getState().edit('x', (graph) => added(graph, 'Loader'));
    render(<Outline />);
    await user.click(screen.getByRole('tab', { name: /Links/ }));
    await user.click(screen.getByRole('button', { name: 'New link' }));
    await user.keyboard('load 1 picture{Enter}');
    await user.click(screen.getByRole('button', { name: /Choose where Load #1/ }));
    await user.keyboard('{Enter}');
    expect([...graphNow().links.values()]).toMatchObject([{ source: '1', target: '2' }]);
    await user.click(screen.getByRole('button', { name: 'From Load #1 · picture: change' }));
    await user.keyboard('#3{Enter}');
    expect([...graphNow().links.values()]).toMatchObject([{ source: '3', target: '2' }]);
    await user.click(screen.getByRole('button', { name: /Disconnect Load #3/ }));
    expect(graphNow().links.size).toBe(0);
    expect(screen.getByText('There are no links.')).toBeTruthy();
  });

  it('makes only the rows in sight of a large graph', () => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(58);
    let graph: Graph = EMPTY_GRAPH;
    for (let count = 0; count < 300; count += 1) graph = added(graph, 'Sampler');
    useDocuments.getState().open('large', graph);
    render(<Outline />);
    const table = screen.getByRole('table', { name: 'Nodes' });
    expect(table.getAttribute('aria-rowcount')).toBe('301');
    expect(within(table).getAllByRole('textbox').length).toBeLessThan(60);
    expect(within(table).getAllByRole('textbox').length).toBeGreaterThan(5);
  });
});

describe('help', () => {
  it('tells of the selected kind of node, as text', async () => {
    select('2');
    render(<NodeHelp />);
    expect(screen.getByRole('heading', { name: 'Sample <b>' })).toBeTruthy();
    expect(await screen.findByText('Makes a picture.')).toBeTruthy();
    expect(screen.getByText('What it starts from.')).toBeTruthy();
    expect(screen.getByText(/0 to 18446744073709551615/)).toBeTruthy();
    expect(screen.getByText('Makes results')).toBeTruthy();
  });

  it('says so where nothing is known', () => {
    render(<NodeHelp type="Gone" />);
    expect(screen.getByText(/no node “Gone”/)).toBeTruthy();
  });
});
