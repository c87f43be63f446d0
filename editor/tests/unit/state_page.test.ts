import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import * as errors from '../../src/api/errors';
import type { FakeServer } from '../../src/api/fake';
import { stringifyJson } from '../../src/model/json';
import { writeWorkflow } from '../../src/model/serialize';
import { DEFINITIONS, fakeServer, INFO, smallGraph } from './stateSupport';

let server: FakeServer;
const ends: (() => void)[] = [];

/** A page of its own: modules of its own, with the storage of the same browser. */
async function page() {
  vi.resetModules();
  // The server in memory outlives the page, so its errors have to be of the same class.
  vi.doMock('../../src/api/errors', () => errors);
  const [
    { useDocuments, activeDocument, isDirty },
    { start },
    { useConnection },
    { useDefinitions },
    drafts,
    runs,
    queue,
    current,
  ] = await Promise.all([
    import('../../src/state/documents'),
    import('../../src/state/start'),
    import('../../src/state/connection'),
    import('../../src/state/definitions'),
    import('../../src/state/drafts'),
    import('../../src/state/runs'),
    import('../../src/state/queue'),
    import('../../src/api/current'),
  ]);
  current.setApi(server);
  const begun = start({ connect: server.connect });
  const actions = () => useDocuments.getState();
  return {
    begun,
    actions,
    activeDocument,
    isDirty,
    useConnection,
    useDefinitions,
    ...drafts,
    ...runs,
    ...queue,
  };
}

/** What a browser does when a page goes. */
function left(): void {
  globalThis.dispatchEvent(new Event('pagehide'));
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  server = fakeServer();
  server.answers.set('v1/templates/text_to_image', writeWorkflow(smallGraph(), DEFINITIONS));
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  setApi(null);
  const { knownDrafts } = await import('../../src/state/drafts');
  const { createStore, clear } = await import('idb-keyval');
  await knownDrafts();
  await clear(createStore('nodeloom', 'drafts'));
});

describe('the start of a page', () => {
  it('opens the first template, and knows the server', async () => {
    const { begun, activeDocument, isDirty, useConnection } = await page();
    await begun;
    expect(activeDocument().graph.nodes.size).toBe(2);
    expect(isDirty(activeDocument())).toBe(false);
    server.open();
    expect(useConnection.getState()).toMatchObject({ status: 'connected', remaining: 0 });
    expect(useConnection.getState().clientId).not.toBe('');
  });

  it('opens an empty document where there are no templates', async () => {
    server.answers.clear();
    const { begun, actions } = await page();
    await begun;
    expect(actions().documents).toHaveLength(1);
  });

  it('waits for a server that is just beginning', async () => {
    server.refusals.push(new errors.ApiError('refused', 503, 'no_worker', 'not yet', '', null, {}, 0.01));
    const { begun, useDefinitions } = await page();
    await begun;
    expect(useDefinitions.getState().status).toBe('ready');
  });

  it('goes on when the server is there again', async () => {
    server.refusals.push(new errors.ApiError('offline', 0, 'offline', 'no answer'));
    const { begun, useDefinitions, activeDocument } = await page();
    await vi.waitFor(() => expect(useDefinitions.getState().status).toBe('failed'));
    server.disconnect();
    await vi.waitFor(() => expect(server.connections).toBe(1), { timeout: 2000 });
    server.open();
    await begun;
    expect(activeDocument().graph.nodes.size).toBe(2);
  });

  it('asks for the queue again after the connection was lost', async () => {
    const { begun, useQueue, useConnection } = await page();
    await begun;
    server.open();
    server.disconnect();
    expect(useConnection.getState().status).toBe('lost');
    server.runs.add('x', 1, { prompt: {}, client_id: 'other', extra_data: {} });
    useConnection.getState().retry();
    server.open();
    await vi.waitFor(() => expect(useQueue.getState().pending).toHaveLength(1));
  });
});

describe('drafts', () => {
  it('bring back every tab after a reload, with seeds that no double holds', async () => {
    const first = await page();
    await first.begun;
    first.actions().open('b', smallGraph(), 'workflows/b.json');
    first.actions().edit('value', (graph) => {
      const nodes = new Map(graph.nodes);
      const node = nodes.get('1');
      if (node)
        nodes.set('1', { ...node, values: new Map([...node.values, ['seed', 18446744073709551615n]]) });
      return { ...graph, nodes };
    });
    first.actions().setView({ x: 1, y: 2, zoom: 0.5 });
    const before = first.actions();
    await first.flushDrafts();
    left();
    const second = await page();
    await second.begun;
    expect(second.actions().active).toBe(before.active);
    expect(second.actions().documents.map(({ id }) => id)).toEqual(before.documents.map(({ id }) => id));
    const document = second.activeDocument();
    expect(document).toMatchObject({ name: 'b', file: 'workflows/b.json', view: { x: 1, y: 2, zoom: 0.5 } });
    expect(document.graph.nodes.get('1')?.values.get('seed')).toBe(18446744073709551615n);
    expect([second.isDirty(document), second.isDirty(second.actions().documents[0] ?? document)]).toEqual([
      true,
      false,
    ]);
  });

  it('are written a little after the last change', async () => {
    const { begun, actions, knownDrafts } = await page();
    await begun;
    actions().rename('c');
    expect(await knownDrafts()).toEqual([]);
    await vi.waitFor(async () => expect(await knownDrafts()).toHaveLength(1), { timeout: 2000 });
  });

  it('of a window that is gone are taken over by a new one, together with its id', async () => {
    const first = await page();
    await first.begun;
    first.actions().rename('mine');
    await first.flushDrafts();
    left();
    sessionStorage.clear();
    const second = await page();
    await second.begun;
    expect(second.activeDocument().name).toBe('mine');
    expect(second.useConnection.getState().clientId).toBe(first.useConnection.getState().clientId);
  });

  it('of a window that is open stay its own', async () => {
    const first = await page();
    await first.begun;
    first.actions().rename('mine');
    await first.flushDrafts();
    sessionStorage.clear();
    const second = await page();
    await second.begun;
    expect(second.activeDocument().name).toBe('');
    expect(second.useConnection.getState().clientId).not.toBe(first.useConnection.getState().clientId);
  });

  it('are copied by a duplicated tab, and not written over by it', async () => {
    const first = await page();
    await first.begun;
    first.actions().rename('mine');
    await first.flushDrafts();
    const second = await page();
    await second.begun;
    expect(second.activeDocument().name).toBe('mine');
    second.actions().rename('copy');
    await second.flushDrafts();
    first.actions().rename('still mine');
    await first.flushDrafts();
    expect(await second.knownDrafts()).toHaveLength(2);
  });

  it('are not written over where somebody else wrote', async () => {
    const first = await page();
    await first.begun;
    first.actions().rename('mine');
    await first.flushDrafts();
    const [id] = await first.knownDrafts();
    const { createStore, get, set } = await import('idb-keyval');
    const store = createStore('nodeloom', 'drafts');
    const found = await get<object>(id ?? '', store);
    await set(id ?? '', { ...found, mark: 'another' }, store);
    first.actions().rename('later');
    await first.flushDrafts();
    expect(await first.knownDrafts()).toHaveLength(2);
    expect(await get(id ?? '', store)).toMatchObject({ mark: 'another', documents: [{ name: 'mine' }] });
  });

  it('that make no sense are no hindrance', async () => {
    const { createStore, set } = await import('idb-keyval');
    await set('old', { documents: 'what' }, createStore('nodeloom', 'drafts'));
    const { begun, activeDocument } = await page();
    await begun;
    expect(activeDocument().graph.nodes.size).toBe(2);
  });
});

describe('definitions', () => {
  it('stay the same objects where the server says the same', async () => {
    const { begun, useDefinitions } = await page();
    await begun;
    const before = useDefinitions.getState().definitions;
    await useDefinitions.getState().refresh();
    expect(useDefinitions.getState().definitions).toBe(before);
    server.info = { ...INFO, Other: { ...(INFO.Show as object), name: 'Other' } };
    await useDefinitions.getState().refresh();
    const after = useDefinitions.getState().definitions;
    expect(after.size).toBe(3);
    expect(after.get('Make')).toBe(before.get('Make'));
  });

  it('that come and go lose no values', async () => {
    const { begun, useDefinitions, activeDocument } = await page();
    await begun;
    const seed = () => activeDocument().graph.nodes.get('1')?.values.get('seed');
    expect(seed()).toBe(5);
    server.info = { Show: INFO.Show ?? null };
    await useDefinitions.getState().refresh();
    server.info = INFO;
    await useDefinitions.getState().refresh();
    expect(seed()).toBe(5);
    const written = stringifyJson(
      writeWorkflow(activeDocument().graph, useDefinitions.getState().definitions),
    );
    expect(written).toContain('[5,"randomize"]');
  });
});

describe('settings', () => {
  it('are kept, and each bad one falls back by itself', async () => {
    localStorage.setItem('nodeloom.settings', '{"theme": "pink", "snap": true}');
    vi.resetModules();
    const { useSettings } = await import('../../src/state/settings');
    expect(useSettings.getState()).toMatchObject({ theme: 'system', snap: true, previews: true });
    useSettings.getState().set({ locale: 'zh' });
    expect(JSON.parse(localStorage.getItem('nodeloom.settings') ?? '')).toMatchObject({
      locale: 'zh',
      snap: true,
    });
  });
});
