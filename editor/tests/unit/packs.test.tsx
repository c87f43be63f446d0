/** What the editor says of packs of nodes: which failed and why, where nodes come from, and what new sources change. */

import { cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { ApiError } from '../../src/api/errors';
import type { Api } from '../../src/api/interface';
import { Dialogs } from '../../src/app/Dialogs';
import { useInterface } from '../../src/app/interface';
import { TopBar } from '../../src/app/TopBar';
import '../../src/i18n';
import { findNewExtensions, startExtensions } from '../../src/extensions/start';
import { useExtensions } from '../../src/extensions/store';
import { packOf } from '../../src/model/definition';
import { newNode } from '../../src/model/edit_nodes';
import { suspects } from '../../src/model/missingNode';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH, type Graph, type Json, type JsonObject } from '../../src/model/types';
import { NodeHelp } from '../../src/panels/NodeHelp';
import { installCommand } from '../../src/panels/PackRow';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { askForPacks, hearOfPacks, readAnswer } from '../../src/state/packNews';
import { type Pack, usePacks } from '../../src/state/packs';
import { rereadDocuments } from '../../src/state/rereading';

const PLAIN: Pack = {
  name: 'plain',
  state: 'loaded',
  source: 'custom_nodes/plain',
  version: '1.2',
  licence: 'MIT',
  nodes: ['Twice'],
  had: ['Twice'],
  refused: [],
  seconds: 0.25,
  problem: '',
  remedy: '',
  traceback: '',
  missing: [],
  warnings: [],
  routes: [],
  serves_routes: false,
};
const BROKEN: Pack = {
  ...PLAIN,
  name: 'broken',
  state: 'failed',
  nodes: [],
  had: ['Gone'],
  problem: 'it needs packages that are not installed: scipy>=9.',
  remedy: "pip install 'scipy>=9'",
  traceback: 'Traceback\n  <b>line</b>',
  missing: ['scipy>=9'],
};
const asJson = (...packs: readonly Pack[]): Json => packs as unknown as Json;
const answer = (more: JsonObject = {}): JsonObject => ({
  packs: asJson(PLAIN, BROKEN),
  ready: true,
  loading: null,
  dev: false,
  ...more,
});

const BEGINNING = usePacks.getState();
const DOCUMENTS = useDocuments.getState();

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn() }));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  usePacks.setState(BEGINNING, true);
  useDocuments.setState(DOCUMENTS);
  useInterface.setState({ dialog: null, section: 'general' });
  setApi(null);
});

const serverSays = (...answers: readonly Json[]): ReturnType<typeof vi.fn> => {
  const getJson = vi.fn();
  for (const each of answers) getJson.mockResolvedValueOnce(each);
  setApi({ getJson } as unknown as Api);
  return getJson;
};

describe('the answer of the server', () => {
  it('is read, and what makes no sense in it hides nothing else', () => {
    const read = readAnswer({ ...answer(), packs: [...(asJson(PLAIN) as Json[]), 7, { name: 'half' }] });
    expect(read.packs).toEqual([PLAIN]);
    expect(readAnswer('nonsense')).toEqual({ isKnown: true });
  });

  it('is asked for again until a worker is ready', async () => {
    vi.useFakeTimers();
    const loading = { pack: 'slow', done: 1, of: 3, seconds: 4 };
    const getJson = serverSays(answer({ ready: false, loading }), answer());
    await askForPacks();
    expect(usePacks.getState()).toMatchObject({ isReady: false, loading: { pack: 'slow' } });
    await vi.advanceTimersByTimeAsync(5000);
    expect(usePacks.getState()).toMatchObject({ isReady: true, loading: null });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(getJson).toHaveBeenCalledTimes(2);
  });

  it('may be that there is none', async () => {
    setApi({
      getJson: async () => {
        throw new ApiError('refused', 404, 'absent', 'no such address');
      },
    } as unknown as Api);
    await askForPacks();
    expect(usePacks.getState()).toMatchObject({ isKnown: true, problem: 'no such address', packs: [] });
  });
});

describe('the bar', () => {
  it('is silent where all is well, and counts packs that need care', async () => {
    usePacks.setState({ isKnown: true, isReady: true, packs: [PLAIN] });
    render(<TopBar />);
    expect(screen.queryByRole('button', { name: /pack/u })).toBeNull();
    usePacks.setState({ packs: [PLAIN, BROKEN, { ...PLAIN, name: 'off', state: 'disabled' }] });
    const badge = await screen.findByRole('button', { name: '1 pack of nodes needs care' });
    await userEvent.click(badge);
    expect(useInterface.getState()).toMatchObject({ dialog: 'settings', section: 'packs' });
  });

  it('says which pack is being loaded', async () => {
    usePacks.setState({ loading: { pack: 'slow', done: 1, of: 3 } });
    render(<TopBar />);
    expect(screen.getByRole('button', { name: 'Loading packs… slow (1 of 3 done)' })).toBeTruthy();
  });
});

async function settings(): Promise<HTMLElement> {
  useInterface.getState().showSettings('packs');
  render(<Dialogs />);
  return screen.findByRole('tabpanel', { name: 'Packs' });
}

describe('the settings', () => {
  it('show what is wrong first, with the remedy and the command that installs what is missing', async () => {
    const user = userEvent.setup();
    usePacks.setState(readAnswer(answer()));
    const shown = await settings();
    const rows = within(shown).getByRole('list', { name: 'Packs' }).children;
    expect([...rows].map((row) => row.querySelector('.pack-name')?.textContent)).toEqual(['broken', 'plain']);
    const broken = within(rows[0] as HTMLElement);
    expect(broken.getByText('Failed')).toBeTruthy();
    expect(broken.getByText(BROKEN.problem)).toBeTruthy();
    expect(broken.getByText("pip install 'scipy>=9'")).toBeTruthy();
    await user.click(broken.getByRole('button', { name: 'Copy the command' }));
    expect(await navigator.clipboard.readText()).toBe("pip install 'scipy>=9'");
    await user.click(broken.getByText('Where it happened'));
    expect(broken.getByText(/<b>line<\/b>/u).tagName).toBe('PRE');
    expect(shown.textContent).toContain('1.2 · custom_nodes/plain · 1 node · import took 0.25 s');
    expect(within(shown).queryByRole('button', { name: 'Read anew' })).toBeNull();
  });

  it('say so where there are none', async () => {
    usePacks.setState(readAnswer(answer({ packs: [] })));
    expect((await settings()).textContent).toContain('There are no packs of nodes.');
  });

  it('have packs read anew in a server for development', async () => {
    const reloadPacks = vi.fn(async () => ({ done: true, packs: asJson(PLAIN) }));
    setApi({ reloadPacks } as unknown as Api);
    usePacks.setState(readAnswer(answer({ dev: true })));
    const shown = await settings();
    await userEvent.click(within(shown).getByRole('button', { name: 'Read anew' }));
    await waitFor(() => expect(usePacks.getState().packs).toEqual([PLAIN]));
  });

  it('name the nodes that are left out of a pack that is there', async () => {
    const refused = [{ node: 'Twice', problem: 'the id is taken.', remedy: 'Rename it.' }];
    usePacks.setState({ isKnown: true, isReady: true, packs: [{ ...PLAIN, refused }] });
    const list = within(await settings()).getByRole('list', { name: 'Nodes of plain that are left out' });
    expect(list.textContent).toBe('Twice: the id is taken. Rename it.');
  });
});

it('quotes requirements as a shell needs it', () => {
  expect(installCommand(['scipy', 'a[b]>=2', "odd'; rm"])).toBe(`pip install scipy 'a[b]>=2' 'odd'"'"'; rm'`);
});

describe('a node of unknown type', () => {
  it('is put down to the pack that refused it, had it, is named by the file, or may have it', () => {
    const refusing = { ...PLAIN, refused: [{ node: 'Odd', problem: 'p', remedy: 'r' }] };
    const unheard = { ...BROKEN, name: 'My-Pack', had: [] };
    const how = (type: string, properties: JsonObject = {}): readonly string[] =>
      suspects(type, properties, [refusing, BROKEN, unheard]).map((each) => `${each.how} ${each.pack}`);
    expect(how('Odd')).toEqual(['certain plain']);
    expect(how('Gone')).toEqual(['certain broken']);
    expect(how('New', { aux_id: 'someone/my_pack' })).toEqual(['likely My-Pack']);
    expect(how('New')).toEqual(['possible My-Pack']);
    expect(suspects('New', {}, [PLAIN])).toEqual([]);
  });

  it('says so in its help, with the way to the packs', async () => {
    usePacks.setState({ packs: [BROKEN] });
    render(<NodeHelp type="Gone" />);
    expect(screen.getByText('The pack “broken” brings it, and that is not there:')).toBeTruthy();
    expect(screen.getByText(BROKEN.problem)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Show packs' }));
    expect(useInterface.getState().section).toBe('packs');
  });
});

it('tells in the help of a node from which pack it comes', () => {
  const info = { Twice: { python_module: 'custom_nodes.plain', input: {}, output: ['INT'] } };
  useDefinitions.setState({ status: 'ready', definitions: readDefinitions(info) });
  render(<NodeHelp type="Twice" />);
  expect(screen.getByText('From the pack plain')).toBeTruthy();
  expect(packOf({ module: 'nodes' })).toBe(null);
});

describe('when nodes have changed', () => {
  const before = {
    Twice: {
      input: { required: { value: ['INT', { default: 1 }], image: ['IMAGE'] } },
      input_order: { required: ['value', 'image'] },
      output: ['INT'],
    },
  };
  const after = {
    Twice: {
      input: {
        required: { extra: ['FLOAT', { default: 0.5 }], value: ['INT', { default: 1 }], image: ['MASK'] },
      },
      input_order: { required: ['extra', 'value', 'image'] },
      output: ['FLOAT', 'STRING'],
    },
  };

  it('open nodes get the new sockets and keep their values by name', async () => {
    const old = readDefinitions(before);
    useDefinitions.setState({ status: 'ready', definitions: old });
    const definition = old.get('Twice');
    if (definition === undefined) throw new Error('no definition');
    const node = { ...newNode(definition, [0, 0], '1'), values: new Map<string, Json>([['value', 42]]) };
    const graph: Graph = { ...EMPTY_GRAPH, nodes: new Map([['1', node]]) };
    useDocuments.getState().open('test', graph);
    const end = rereadDocuments();
    useDefinitions.setState({ definitions: readDefinitions(after) });
    end();
    const now = activeDocument()?.graph.nodes.get('1');
    expect(now?.inputs.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'value INT',
      'image MASK',
      'extra FLOAT',
    ]);
    expect(now?.outputs.map(({ type }) => type)).toEqual(['FLOAT', 'STRING']);
    expect(now?.values).toEqual(
      new Map([
        ['value', 42],
        ['extra', 0.5],
      ]),
    );
  });

  it('a kind that comes back with other widgets has the values it had, by name', () => {
    const old = readDefinitions(before);
    useDefinitions.setState({ status: 'ready', definitions: old });
    const definition = old.get('Twice');
    if (definition === undefined) throw new Error('no definition');
    const node = { ...newNode(definition, [0, 0], '1'), values: new Map<string, Json>([['value', 42]]) };
    useDocuments.getState().open('test', { ...EMPTY_GRAPH, nodes: new Map([['1', node]]) });
    const end = rereadDocuments();
    useDefinitions.setState({ definitions: new Map() });
    expect(activeDocument()?.graph.nodes.get('1')?.stored).toEqual([42]);
    useDefinitions.setState({ definitions: readDefinitions(after) });
    end();
    const values = activeDocument()?.graph.nodes.get('1')?.values;
    expect([values?.get('value'), values?.get('extra')]).toEqual([42, 0.5]);
  });

  it('what failed since is told, and what failed before is not told again', async () => {
    serverSays(
      answer(),
      answer({ packs: asJson(PLAIN, BROKEN) }),
      answer({ packs: asJson({ ...PLAIN, state: 'failed', problem: 'half an edit.' }, BROKEN) }),
    );
    const { toast } = await import('sonner');
    const warned = vi.spyOn(toast, 'warning');
    await askForPacks();
    await hearOfPacks();
    expect(warned).not.toHaveBeenCalled();
    await hearOfPacks();
    expect(warned).toHaveBeenCalledExactlyOnceWith('The pack “plain” failed: half an edit.');
  });

  it('extensions that are new are loaded, and those that run go on', async () => {
    serverSays(
      ['/extensions/one/one.nodeloom.js'],
      ['/extensions/one/one.nodeloom.js', '/extensions/two/two.nodeloom.js'],
    );
    const loaded: string[] = [];
    const load = async (address: string): Promise<unknown> => {
      loaded.push(address);
      return { default: () => undefined };
    };
    await startExtensions(load);
    await findNewExtensions(load);
    expect(loaded).toEqual(['/extensions/one/one.nodeloom.js', '/extensions/two/two.nodeloom.js']);
    expect(useExtensions.getState().extensions.map(({ state }) => state)).toEqual(['running', 'running']);
  });
});
