/** The pure parts of the canvas: what is drawn, in which order the keyboard goes, what a drag does. */

import { describe, expect, it } from 'vitest';
import { fileNamed } from '../../src/canvas/chosenFile';
import { cornerOf, deriveEdges, deriveNodes, drawnSize, type Scene } from '../../src/canvas/derive';
import { fitsInto } from '../../src/canvas/dropLink';
import { farSceneOf } from '../../src/canvas/farScene';
import { drawnBy, handleId, socketOf } from '../../src/canvas/flow';
import { fitOf, useLinkDrag } from '../../src/canvas/linkDrag';
import { linkPath } from '../../src/canvas/linkPath';
import { afterMoves, movedCorners, shifted } from '../../src/canvas/moves';
import { flowOrder, nextInFlow, stepOf } from '../../src/canvas/order';
import { afterNodeChanges, inBox, united } from '../../src/canvas/selecting';
import { colourIn } from '../../src/canvas/titles';
import { boundsOf, centredView, fittedView, touches, visibleIn, zoomedView } from '../../src/canvas/view';
import { moveNodes } from '../../src/model/edit_nodes';
import { EMPTY_GRAPH, type Graph, type GraphNode, type Link, type Reroute } from '../../src/model/types';
import { NOTHING_SELECTED } from '../../src/state/documents';

function node(id: string, x: number, y: number, changes: Partial<GraphNode> = {}): GraphNode {
  return {
    id,
    type: 'Test',
    title: null,
    pos: [x, y],
    size: [220, 100],
    mode: 0,
    collapsed: false,
    color: null,
    bgcolor: null,
    inputs: [{ name: 'in', type: 'IMAGE', widget: null, extra: {} }],
    outputs: [{ name: 'out', type: 'IMAGE', extra: {} }],
    values: new Map(),
    stored: null,
    properties: {},
    extra: {},
    ...changes,
  };
}

function link(id: number, source: string, target: string, reroute: number | null = null): Link {
  return { id, source, sourceSlot: 0, target, targetSlot: 0, type: 'IMAGE', reroute, extra: {} };
}

function graphOf(
  nodes: readonly GraphNode[],
  links: readonly Link[],
  reroutes: readonly Reroute[] = [],
): Graph {
  return {
    ...EMPTY_GRAPH,
    nodes: new Map(nodes.map((each) => [each.id, each])),
    links: new Map(links.map((each) => [each.id, each])),
    reroutes: new Map(reroutes.map((each) => [each.id, each])),
  };
}

function sceneOf(graph: Graph, changes: Partial<Scene> = {}): Scene {
  return {
    graph,
    definitions: new Map(),
    selection: NOTHING_SELECTED,
    reroutes: new Set(),
    moved: new Map(),
    sized: new Map(),
    pinned: new Set(),
    ...changes,
  };
}

const CHAIN = graphOf(
  [node('1', 0, 0), node('2', 400, 0), node('3', 800, 0)],
  [link(1, '1', '2'), link(2, '2', '3')],
);

describe('what is drawn', () => {
  it('gives sizes and sockets up front, in whole pixels', () => {
    const [first] = deriveNodes(sceneOf(CHAIN), []);
    expect(first).toMatchObject({ id: '1', type: 'node', position: { x: 0, y: 0 }, width: 220 });
    expect(first?.measured).toEqual({ width: first?.width, height: first?.height });
    expect(first?.handles?.map((handle) => handle.id)).toEqual(['i0', 'o0']);
    expect(first?.handles?.[1]?.x).toBe(220 - 6);
    expect(Number.isInteger(first?.height)).toBe(true);
  });

  it('keeps every object of what did not change', () => {
    const before = deriveNodes(sceneOf(CHAIN), []);
    expect(deriveNodes(sceneOf(CHAIN), before)).toBe(before);
    const moved = moveNodes(CHAIN, new Map([['2', [400, 50] as const]]));
    const after = deriveNodes(sceneOf(moved), before);
    expect(after).not.toBe(before);
    expect(after[0]).toBe(before[0]);
    expect(after[2]).toBe(before[2]);
    expect(after[1]?.position).toEqual({ x: 400, y: 50 });
  });

  it('keeps the data of a node that is only dragged or selected', () => {
    const before = deriveNodes(sceneOf(CHAIN), []);
    const moved = new Map([['2', [410, 20] as const]]);
    const selection = { ...NOTHING_SELECTED, nodes: new Set(['2']) };
    const after = deriveNodes(sceneOf(CHAIN, { moved, selection }), before);
    expect(after[1]?.data).toBe(before[1]?.data);
    expect(after[1]).toMatchObject({ selected: true, position: { x: 410, y: 20 }, zIndex: 1000 });
  });

  it('changes the data of the two nodes at the ends of a new link only', () => {
    const loose = graphOf([...CHAIN.nodes.values()], [link(1, '1', '2')]);
    const before = deriveNodes(sceneOf(loose), []);
    const after = deriveNodes(sceneOf(CHAIN), before);
    expect(after.map((each, at) => each.data === before[at]?.data)).toEqual([true, false, false]);
  });

  it('never leaves out what is pinned', () => {
    const nodes = deriveNodes(sceneOf(CHAIN, { pinned: new Set(['3']) }), []);
    expect(nodes.map((each) => each.dragging)).toEqual([false, false, true]);
  });

  it('leads links through their reroutes and leaves out those without an end', () => {
    const reroutes: Reroute[] = [
      { id: 1, pos: [250, 10], parent: null, extra: {} },
      { id: 2, pos: [300, 20], parent: 1, extra: {} },
    ];
    const graph = graphOf([...CHAIN.nodes.values()], [link(1, '1', '2', 2), link(2, '2', 'gone')], reroutes);
    const edges = deriveEdges(sceneOf(graph), []);
    expect(edges).toHaveLength(1);
    expect(edges[0]?.data?.points).toEqual([
      [250, 10],
      [300, 20],
    ]);
    expect(deriveEdges(sceneOf(graph), edges)).toBe(edges);
    const dragged = deriveEdges(sceneOf(graph, { moved: new Map([['reroute:1', [0, 0] as const]]) }), edges);
    expect(dragged[0]?.data?.points[0]).toEqual([7, 7]);
  });

  it('quietens the links of muted nodes', () => {
    const graph = graphOf([node('1', 0, 0, { mode: 2 }), node('2', 400, 0)], [link(1, '1', '2')]);
    expect(deriveEdges(sceneOf(graph), [])[0]?.data?.quiet).toBe(true);
  });

  it('puts smaller frames above larger ones', () => {
    const groups = [
      { id: 1, title: 'small', pos: [0, 0], size: [10, 10], color: null, extra: {} },
      { id: 2, title: 'large', pos: [0, 0], size: [90, 90], color: null, extra: {} },
    ] as const;
    const nodes = deriveNodes(sceneOf({ ...EMPTY_GRAPH, groups }), []);
    expect(nodes.map((each) => each.id)).toEqual(['group:2', 'group:1']);
  });
});

describe('ids', () => {
  it('tell what they stand for', () => {
    expect(drawnBy('group:3')).toEqual({ kind: 'group', id: 3 });
    expect(drawnBy('reroute:4')).toEqual({ kind: 'reroute', id: 4 });
    expect(drawnBy('-10')).toEqual({ kind: 'node', id: '-10' });
    expect(socketOf('5', handleId('input', 2))).toEqual({ node: '5', slot: 2, side: 'input' });
    expect(socketOf('5', 'else')).toBeNull();
  });
});

describe('the keyboard', () => {
  it('goes along the flow, not along the file', () => {
    const graph = graphOf(
      [node('9', 900, 0), node('1', 500, 0), node('2', 0, 0)],
      [link(1, '1', '9'), link(2, '2', '1')],
    );
    expect(flowOrder(graph)).toEqual(['2', '1', '9']);
    expect(nextInFlow(graph, '1', false)).toBe('9');
    expect(nextInFlow(graph, '1', true)).toBe('2');
    expect(nextInFlow(graph, '9', false)).toBeNull();
  });

  it('also comes to nodes in a cycle', () => {
    const graph = graphOf([node('1', 0, 0), node('2', 1, 0)], [link(1, '1', '2'), link(2, '2', '1')]);
    expect([...flowOrder(graph)].sort()).toEqual(['1', '2']);
  });

  it('takes the leftmost of many that could come next', () => {
    const many = Array.from({ length: 50 }, (_, at) => node(String(at), ((at * 37) % 50) * 10, 0));
    const xs = flowOrder(graphOf(many, [])).map((id) => many[Number(id)]?.pos[0] ?? 0);
    expect(xs).toEqual([...xs].sort((one, other) => one - other));
  });

  it('moves farther with Shift', () => {
    expect(stepOf('ArrowLeft', false)).toEqual([-10, 0]);
    expect(stepOf('ArrowDown', true)).toEqual([0, 100]);
    expect(stepOf('a', false)).toBeNull();
  });
});

describe('drags', () => {
  const group = { id: 1, title: '', pos: [-20, -20], size: [300, 200], color: null, extra: {} } as const;
  const graph: Graph = { ...CHAIN, groups: [group] };

  it('move what lies in a frame with it, unless it is moved alone', () => {
    const corners = new Map([['group:1', [80, -20] as const]]);
    const together = afterMoves(graph, { corners, alone: false });
    expect(together.nodes.get('1')?.pos).toEqual([100, 0]);
    expect([...movedCorners(graph, together).keys()].sort()).toEqual(['1', 'group:1']);
    const alone = afterMoves(graph, { corners, alone: true });
    expect(alone.nodes.get('1')?.pos).toEqual([0, 0]);
  });

  it('end where a node was dragged to, even if its frame moved as well', () => {
    const corners = new Map([
      ['group:1', [80, -20] as const],
      ['1', [100, 5] as const],
    ]);
    expect(afterMoves(graph, { corners, alone: false }).nodes.get('1')?.pos).toEqual([100, 5]);
  });

  it('change nothing when nothing moved', () => {
    expect(afterMoves(graph, { corners: shifted(graph, ['1', 'group:1'], [0, 0]), alone: false })).toBe(
      graph,
    );
    expect(movedCorners(graph, graph).size).toBe(0);
  });

  it('shift all that is selected by the same distance', () => {
    expect([...shifted(graph, ['1', '3', 'gone'], [5, 6])]).toEqual([
      ['1', [5, 6]],
      ['3', [805, 6]],
    ]);
  });
});

describe('selecting', () => {
  const none = { selection: NOTHING_SELECTED, reroutes: new Set<number>() };

  it('takes nodes that a box touches, frames only whole', () => {
    const group = { id: 1, title: '', pos: [-20, -20], size: [300, 200], color: null, extra: {} } as const;
    const graph = { ...CHAIN, groups: [group] };
    const some = inBox(graph, new Map(), { x: 10, y: 10, width: 400, height: 5 });
    expect([...some.selection.nodes]).toEqual(['1', '2']);
    expect(some.selection.groups.size).toBe(0);
    const whole = inBox(graph, new Map(), { x: -30, y: -30, width: 400, height: 400 });
    expect([...whole.selection.groups]).toEqual([1]);
  });

  it('adds with Shift', () => {
    const one = { ...none, selection: { ...NOTHING_SELECTED, nodes: new Set(['1']) } };
    const both = united(one, { ...none, selection: { ...NOTHING_SELECTED, nodes: new Set(['2']) } });
    expect([...both.selection.nodes]).toEqual(['1', '2']);
  });

  it('follows clicks on nodes, frames and reroutes', () => {
    const chosen = afterNodeChanges(none, [
      { id: '1', type: 'select', selected: true },
      { id: 'group:2', type: 'select', selected: true },
      { id: 'reroute:3', type: 'select', selected: true },
      { id: '9', type: 'select', selected: false },
    ]);
    expect([...chosen.selection.nodes]).toEqual(['1']);
    expect([...chosen.selection.groups]).toEqual([2]);
    expect([...chosen.reroutes]).toEqual([3]);
  });
});

describe('a dragged link', () => {
  it('dims what it may not go to', () => {
    useLinkDrag.getState().start(CHAIN, { node: '2', slot: 0, side: 'output' });
    const state = useLinkDrag.getState();
    expect(fitOf(state, { node: '3', slot: 0, side: 'input' }, 'IMAGE')).toBe('fits');
    expect(fitOf(state, { node: '3', slot: 0, side: 'input' }, 'LATENT')).toBe('dim');
    expect(fitOf(state, { node: '1', slot: 0, side: 'input' }, 'IMAGE')).toBe('dim');
    state.stop();
    expect(fitOf(useLinkDrag.getState(), { node: '1', slot: 0, side: 'input' }, 'IMAGE')).toBe('idle');
  });

  it('lets only free nodes of its type be put into it', () => {
    const other = node('5', 0, 0, { inputs: [{ name: 'in', type: 'MASK', widget: null, extra: {} }] });
    const graph = graphOf([...CHAIN.nodes.values(), node('4', 0, 0), other], [...CHAIN.links.values()]);
    expect(fitsInto(graph, 1, '4')).toBe(true);
    expect(fitsInto(graph, 1, '5')).toBe(false);
    expect(fitsInto(graph, 1, '3')).toBe(false);
  });

  it('is drawn as one curve for each piece', () => {
    expect(linkPath([0, 0], [], [100, 0])).toBe('M0,0C50,0 50,0 100,0');
    expect(linkPath([0, 0], [[50, 50]], [100, 0]).match(/C/gu)).toHaveLength(2);
  });
});

describe('views', () => {
  it('show all, in the middle, never larger than life', () => {
    expect(boundsOf([])).toBeNull();
    const bounds = boundsOf([
      { x: 0, y: 0, width: 10, height: 10 },
      { x: 100, y: 50, width: 100, height: 50 },
    ]);
    expect(bounds).toEqual({ x: 0, y: 0, width: 200, height: 100 });
    expect(fittedView(bounds, [800, 600])).toEqual({ x: 300, y: 250, zoom: 1 });
    expect(fittedView({ x: 0, y: 0, width: 8000, height: 10 }, [896, 600]).zoom).toBe(0.1);
    expect(fittedView(null, [800, 600])).toEqual({ x: 400, y: 300, zoom: 1 });
  });

  it('keep what is under the anchor there', () => {
    const before = centredView([100, 100], 0.5, [800, 600]);
    const after = zoomedView(before, 2, [400, 300]);
    expect(after).toEqual(centredView([100, 100], 1, [800, 600]));
    expect(visibleIn(after, [800, 600])).toEqual({ x: -300, y: -200, width: 800, height: 600 });
    expect(touches({ x: 0, y: 0, width: 1, height: 1 }, { x: 1, y: 0, width: 1, height: 1 })).toBe(false);
  });
});

describe('from far away', () => {
  it('finds the topmost node at a place', () => {
    const far = farSceneOf(sceneOf(graphOf([node('1', 0, 0), node('2', 50, 0)], [])));
    expect(far.at([10, 10])?.id).toBe('1');
    expect(far.at([100, 10])?.id).toBe('2');
    expect(far.at([-10, 10])).toBeNull();
    expect(farSceneOf(sceneOf(EMPTY_GRAPH)).at([0, 0])).toBeNull();
  });
});

describe('names from files', () => {
  it('are taken for colours only if they are some', () => {
    expect(colourIn('#223')).toBe('#223');
    expect(colourIn('red; background: url(//x)')).toBeNull();
    expect(colourIn(null)).toBeNull();
  });

  it('tell where a picture lies', () => {
    expect(fileNamed('a/b.png [output]')).toEqual({ filename: 'b.png', subfolder: 'a', type: 'output' });
    expect(fileNamed('b [x].png')).toEqual({ filename: 'b [x].png', subfolder: '', type: 'input' });
  });

  it('give a reroute a place around its middle', () => {
    expect(cornerOf({ id: 1, pos: [10, 10], parent: null, extra: {} })).toEqual([3, 3]);
    expect(drawnSize(node('1', 0, 0, { collapsed: true }), null)[1]).toBe(30);
  });
});
