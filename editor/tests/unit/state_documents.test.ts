import { beforeEach, describe, expect, it, vi } from 'vitest';
import { addNode, moveNodes } from '../../src/model/edit';
import { EMPTY_GRAPH, type Graph } from '../../src/model/types';
import { activeDocument, innerOf, isDirty, useDocuments } from '../../src/state/documents';
import { definition, smallGraph } from './stateSupport';

const actions = () => useDocuments.getState();
const withNode = (graph: Graph): Graph => addNode(graph, definition('Show'), [0, 0]).graph;
const moved = (x: number) => (graph: Graph) => moveNodes(graph, new Map([['1', [x, 0] as const]]));

beforeEach(() => {
  const id = actions().open('a', smallGraph());
  for (const document of actions().documents) if (document.id !== id) actions().close(document.id);
});

describe('tabs', () => {
  it('opens beside the active one, and goes to its neighbour when it is closed', () => {
    const first = actions().active;
    const second = actions().open('b', smallGraph());
    expect(actions().active).toBe(second);
    actions().close();
    expect(actions().active).toBe(first);
    expect(actions().documents).toHaveLength(1);
  });

  it('leaves an empty one when the last is closed, and replaces that by what is opened', () => {
    actions().close();
    expect(activeDocument().graph).toBe(EMPTY_GRAPH);
    actions().open('c', smallGraph(), 'workflows/c.json');
    expect(actions().documents.map(({ name }) => name)).toEqual(['c']);
    expect(activeDocument().file).toBe('workflows/c.json');
  });

  it('ignores ids that there are not', () => {
    const before = actions().documents;
    actions().activate('nobody');
    actions().close('nobody');
    expect(actions().documents).toBe(before);
  });

  it('is dirty until it is saved', () => {
    expect(isDirty(activeDocument())).toBe(false);
    actions().edit('add', withNode);
    expect(isDirty(activeDocument())).toBe(true);
    actions().markSaved('workflows/a.json', 'A');
    expect(isDirty(activeDocument())).toBe(false);
    actions().undo();
    expect(isDirty(activeDocument())).toBe(true);
    actions().redo();
    expect(isDirty(activeDocument())).toBe(false);
    expect(activeDocument()).toMatchObject({ name: 'A', file: 'workflows/a.json' });
  });
});

describe('history', () => {
  it('is left alone by an edit that changes nothing', () => {
    const before = activeDocument();
    actions().edit('nothing', (graph) => graph);
    expect(activeDocument()).toBe(before);
  });

  it('goes back and forth with the selection', () => {
    const before = activeDocument().graph;
    actions().select({ nodes: new Set(['1']) });
    actions().edit('add', withNode, { select: { nodes: new Set(['3']) } });
    const after = activeDocument().graph;
    expect(after.nodes.size).toBe(3);
    actions().undo();
    expect(activeDocument().graph).toBe(before);
    expect([...activeDocument().selection.nodes]).toEqual(['1']);
    expect(activeDocument().future.at(-1)?.label).toBe('add');
    actions().redo();
    expect(activeDocument().graph).toBe(after);
    expect([...activeDocument().selection.nodes]).toEqual(['3']);
    expect(activeDocument().past.at(-1)?.label).toBe('add');
  });

  it('forgets what could be redone after another edit', () => {
    actions().edit('add', withNode);
    actions().undo();
    actions().edit('move', moved(5));
    expect(activeDocument().future).toEqual([]);
    actions().redo();
    expect(activeDocument().graph.nodes.size).toBe(2);
  });

  it('makes one step of edits that follow each other under the same key', () => {
    vi.useFakeTimers();
    const before = activeDocument().graph;
    for (const x of [1, 2, 3]) {
      actions().edit('move', moved(x), { merge: 'arrows' });
      vi.advanceTimersByTime(300);
    }
    expect(activeDocument().past).toHaveLength(1);
    actions().edit('move', moved(4), { merge: 'others' });
    expect(activeDocument().past).toHaveLength(2);
    vi.advanceTimersByTime(600);
    actions().edit('move', moved(5), { merge: 'others' });
    expect(activeDocument().past).toHaveLength(3);
    for (let step = 0; step < 3; step += 1) actions().undo();
    expect(activeDocument().graph).toBe(before);
    vi.useRealTimers();
  });

  it('does not merge over an undo', () => {
    actions().edit('move', moved(1), { merge: 'arrows' });
    actions().undo();
    actions().edit('move', moved(2), { merge: 'arrows' });
    expect(activeDocument().past).toHaveLength(1);
    actions().undo();
    expect(activeDocument().graph.nodes.get('1')?.pos).toEqual([0, 0]);
  });

  it('is no part of what is adjusted, such as seeds', () => {
    actions().adjust(actions().active, moved(9));
    expect(activeDocument().past).toEqual([]);
    expect(activeDocument().graph.nodes.get('1')?.pos).toEqual([9, 0]);
  });
});

describe('selection', () => {
  it('is the same object while nothing else is selected', () => {
    actions().select({ nodes: new Set(['1']) });
    const before = activeDocument();
    actions().select({ nodes: new Set(['1']) });
    expect(activeDocument()).toBe(before);
    actions().select({});
    expect(activeDocument().selection.nodes.size).toBe(0);
  });

  it('loses what is removed', () => {
    actions().select({ nodes: new Set(['1', '2']), links: new Set([1]) });
    actions().edit('remove', (graph) => {
      const nodes = new Map(graph.nodes);
      nodes.delete('1');
      return { ...graph, nodes, links: new Map() };
    });
    expect([...activeDocument().selection.nodes]).toEqual(['2']);
    expect(activeDocument().selection.links.size).toBe(0);
  });
});

describe('subgraphs', () => {
  const INSTANCE = 'sub-1';
  function withSubgraph(): Graph {
    const inner = smallGraph();
    const body = { nodes: inner.nodes, links: inner.links, reroutes: inner.reroutes, groups: [] };
    const subgraph = { id: INSTANCE, name: 'Sub', inputs: [], outputs: [], body, extra: {} };
    const { graph } = addNode(smallGraph(), definition('Show'), [0, 0]);
    const nodes = new Map(graph.nodes);
    const node = nodes.get('3');
    if (node !== undefined) nodes.set('3', { ...node, type: INSTANCE, inputs: [], outputs: [] });
    return { ...graph, nodes, subgraphs: new Map([[INSTANCE, subgraph]]) };
  }
  beforeEach(() => {
    actions().open('s', withSubgraph());
    actions().setView({ x: 1, y: 2, zoom: 1 });
  });

  it('is entered and left, each level with its view', () => {
    actions().enter('3');
    expect(activeDocument()).toMatchObject({ path: ['3'], view: null });
    expect(innerOf(activeDocument()).nodes.has('2')).toBe(true);
    actions().setView({ x: 7, y: 7, zoom: 2 });
    actions().leave(0);
    expect(activeDocument()).toMatchObject({ path: [], view: { x: 1, y: 2, zoom: 1 } });
    expect([...activeDocument().selection.nodes]).toEqual(['3']);
  });

  it('is not entered where there is none', () => {
    actions().enter('1');
    expect(activeDocument().path).toEqual([]);
  });

  it('is edited in place, and left when it is undone away', () => {
    actions().edit('title', (graph) => ({ ...graph, extra: { marked: true } }));
    actions().enter('3');
    actions().edit('move', moved(50));
    const subgraph = [...activeDocument().graph.subgraphs.values()][0];
    expect(subgraph?.body.nodes.get('1')?.pos).toEqual([50, 0]);
    expect(innerOf(activeDocument())).toBe(innerOf(activeDocument()));
    actions().edit('nothing', (inner) => inner);
    expect(activeDocument().past).toHaveLength(2);
    actions().undo();
    expect(activeDocument().path).toEqual(['3']);
  });
});
