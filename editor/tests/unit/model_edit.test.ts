import { describe, expect, it } from 'vitest';
import { overlaps } from '../../src/model/bounds';
import { whyNot } from '../../src/model/connect';
import * as edit from '../../src/model/edit';
import { linkInto, linksFrom } from '../../src/model/graph';
import { inColumns } from '../../src/model/layout_columns';
import { downstream, find, inRectangle, membersOf, upstream } from '../../src/model/select';
import type { Graph, GroupId, LinkId, NodeId, RerouteId } from '../../src/model/types';
import { BYPASSED, EMPTY_GRAPH, MUTED } from '../../src/model/types';
import {
  Dice,
  definition,
  definitions,
  expectSound,
  linkText,
  randomConnect,
  randomGraph,
} from './model_graphs';

const { connect, inputOf, outputOf } = edit;

function pick<Id>(dice: Dice, ids: Iterable<Id>, otherwise: Id): Id {
  return dice.pick([...ids]) ?? otherwise;
}

const nodeOf = (graph: Graph, dice: Dice): NodeId => pick(dice, graph.nodes.keys(), 'none');
const linkOf = (graph: Graph, dice: Dice): LinkId => pick(dice, graph.links.keys(), -1);
const groupOf = (graph: Graph, dice: Dice): GroupId =>
  pick(
    dice,
    graph.groups.map((group) => group.id),
    -1,
  );
const rerouteOf = (graph: Graph, dice: Dice): RerouteId => pick(dice, graph.reroutes.keys(), -1);
const someOf = (graph: Graph, dice: Dice) => dice.some(graph.nodes.keys(), 0.2);
const point = (dice: Dice) => [dice.below(2000), dice.below(1200)] as const;

type Step = (graph: Graph, dice: Dice) => Graph;

const STEPS: Readonly<Record<string, Step>> = {
  connect: randomConnect,
  add: (graph, dice) => edit.addNode(graph, definition('KSampler'), point(dice)).graph,
  note: (graph, dice) => edit.addNote(graph, point(dice), 'Note').graph,
  remove: (graph, dice) => edit.removeNodes(graph, someOf(graph, dice)),
  reconnect: (graph, dice) => edit.removeNodes(graph, someOf(graph, dice), { reconnect: true }),
  disconnect: (graph, dice) => edit.disconnect(graph, linkOf(graph, dice)),
  moveTarget: (graph, dice) =>
    edit.moveLinkEnd(graph, linkOf(graph, dice), inputOf(nodeOf(graph, dice), dice.below(3))),
  moveSource: (graph, dice) =>
    edit.moveLinkEnd(graph, linkOf(graph, dice), outputOf(nodeOf(graph, dice), dice.below(2))),
  insert: (graph, dice) => edit.insertIntoLink(graph, linkOf(graph, dice), nodeOf(graph, dice)),
  reroute: (graph, dice) => edit.addReroute(graph, linkOf(graph, dice), point(dice)),
  dropReroute: (graph, dice) => edit.removeReroutes(graph, [rerouteOf(graph, dice), rerouteOf(graph, dice)]),
  move: (graph, dice) => edit.moveNodes(graph, new Map([[nodeOf(graph, dice), point(dice)]])),
  mode: (graph, dice) => edit.toggleMode(graph, someOf(graph, dice), dice.next() < 0.5 ? MUTED : BYPASSED),
  value: (graph, dice) => edit.setValue(graph, nodeOf(graph, dice), 'seed', dice.below(9)),
  group: (graph, dice) => edit.groupAround(graph, someOf(graph, dice), 'more'),
  moveGroup: (graph, dice) => edit.moveGroup(graph, groupOf(graph, dice), point(dice), dice.next() < 0.5),
  removeGroup: (graph, dice) => edit.removeGroups(graph, [groupOf(graph, dice)]),
  align: (graph, dice) => edit.align(graph, someOf(graph, dice), 'left'),
  distribute: (graph, dice) => edit.distribute(graph, someOf(graph, dice), 'vertical'),
};

describe('every edit', () => {
  it('leaves a consistent graph, and the old one as it was', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      let { graph, dice } = randomGraph(seed);
      expectSound(graph);
      for (let at = 0; at < 25; at += 1) {
        const name = dice.pick(Object.keys(STEPS)) ?? '';
        const [nodes, links] = [[...graph.nodes], [...graph.links]];
        const after = STEPS[name]?.(graph, dice) ?? graph;
        expect([...graph.nodes], name).toEqual(nodes);
        expect([...graph.links], name).toEqual(links);
        graph = after;
        expectSound(graph);
      }
    }
  }, 60_000);

  it('gives the very same graph where nothing changes', () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const { graph, dice } = randomGraph(seed);
      const node = graph.nodes.get(nodeOf(graph, dice));
      if (node === undefined) continue;
      const [seedName, value] = [...node.values][0] ?? ['none', null];
      const same: readonly Graph[] = [
        edit.removeNodes(graph, ['none']),
        edit.moveNodes(graph, new Map([[node.id, node.pos]])),
        edit.resizeNode(graph, node.id, node.size),
        node.values.size === 0 ? graph : edit.setValue(graph, node.id, seedName, value),
        edit.setMode(graph, [node.id], node.mode),
        edit.setCollapsed(graph, [node.id], node.collapsed),
        edit.setTitle(graph, node.id, node.title),
        edit.setColours(graph, [node.id], node),
        edit.disconnect(graph, -1),
        edit.moveLinkEnd(graph, -1, null),
        edit.removeGroups(graph, [-1]),
        edit.removeReroutes(graph, [-1]),
        edit.moveGroup(graph, 1, [0, 0], false),
      ];
      for (const [at, after] of same.entries()) expect(after === graph, `edit ${at}`).toBe(true);
    }
  });
});

function chain(): Graph {
  let graph = EMPTY_GRAPH;
  for (const type of ['CheckpointLoaderSimple', 'EmptyLatentImage', 'KSampler', 'VAEDecode', 'SaveImage']) {
    graph = edit.addNode(graph, definition(type), [graph.nodes.size * 300, 0]).graph;
  }
  graph = connect(graph, outputOf('1', 0), inputOf('3', 0));
  graph = connect(graph, outputOf('2', 0), inputOf('3', slotNamed(graph, '3', 'latent_image')));
  graph = connect(graph, outputOf('3', 0), inputOf('4', 0));
  graph = connect(graph, outputOf('1', 2), inputOf('4', 1));
  return connect(graph, outputOf('4', 0), inputOf('5', 0));
}

function slotNamed(graph: Graph, id: NodeId, name: string): number {
  return graph.nodes.get(id)?.inputs.findIndex((input) => input.name === name) ?? -1;
}

const links = (graph: Graph) => [...graph.links.values()].map(linkText);

describe('links', () => {
  it('says why two sockets cannot be connected', () => {
    const graph = chain();
    expect(whyNot(graph, outputOf('1', 0), outputOf('2', 0))).toBe('direction');
    expect(whyNot(graph, outputOf('3', 0), inputOf('3', 0))).toBe('same');
    expect(whyNot(graph, outputOf('1', 1), inputOf('3', 0))).toBe('types');
    expect(whyNot(graph, outputOf('1', 0), inputOf('3', 99))).toBe('types');
    expect(whyNot(graph, outputOf('1', 2), inputOf('4', 1))).toBeNull();
    expect(whyNot(graph, inputOf('4', 1), outputOf('1', 2))).toBeNull();
  });

  it('refuses circles from both ends', () => {
    const sampler = edit.addNode(chain(), definition('KSampler'), [0, 0]);
    const latent = slotNamed(sampler.graph, sampler.id, 'latent_image');
    const graph = connect(sampler.graph, outputOf('3', 0), inputOf(sampler.id, latent));
    expect(whyNot(graph, outputOf(sampler.id, 0), inputOf('3', latent))).toBe('cycle');
    expect(whyNot(graph, inputOf('3', latent), outputOf(sampler.id, 0))).toBe('cycle');
    expect(connect(graph, outputOf(sampler.id, 0), inputOf('3', latent))).toBe(graph);
  });

  it('replaces what was in the input', () => {
    const other = edit.addNode(chain(), definition('EmptyLatentImage'), [0, 0]);
    const slot = slotNamed(other.graph, '3', 'latent_image');
    const graph = connect(other.graph, outputOf(other.id, 0), inputOf('3', slot));
    expect(linkInto(graph, '3', slot)?.source).toBe(other.id);
    expect(graph.links.size).toBe(5);
    expect(connect(graph, outputOf(other.id, 0), inputOf('3', slot))).toBe(graph);
  });

  it('moves both ends and keeps the number', () => {
    const other = edit.addNode(chain(), definition('EmptyLatentImage'), [0, 0]);
    const moved = edit.moveLinkEnd(other.graph, 2, outputOf(other.id, 0));
    expect(moved.links.get(2)?.source).toBe(other.id);
    expect(edit.moveLinkEnd(moved, 2, outputOf('1', 0))).toBe(moved);
    expect(edit.moveLinkEnd(moved, 2, inputOf('4', 0)).links.get(2)?.target).toBe('4');
    expect(edit.moveLinkEnd(moved, 2, null).links.has(2)).toBe(false);
  });

  it('puts a node into a link', () => {
    const sampler = edit.addNode(chain(), definition('KSampler'), [0, 0]);
    const graph = edit.insertIntoLink(sampler.graph, 3, sampler.id);
    expect(links(graph)).toContain(
      `3:0 -> ${sampler.id}:${slotNamed(graph, sampler.id, 'latent_image')} LATENT`,
    );
    expect(links(graph)).toContain(`${sampler.id}:0 -> 4:0 LATENT`);
    const save = edit.addNode(chain(), definition('SaveImage'), [0, 0]);
    expect(edit.insertIntoLink(save.graph, 3, save.id)).toBe(save.graph);
    expect(edit.insertIntoLink(sampler.graph, 3, '3')).toBe(sampler.graph);
  });

  it('closes the gap that removed nodes leave', () => {
    const graph = edit.removeNodes(chain(), ['3'], { reconnect: true });
    expect(links(graph)).toContain('2:0 -> 4:0 LATENT');
    expect(links(edit.removeNodes(chain(), ['3'], {}))).not.toContain('2:0 -> 4:0 LATENT');
    expect(edit.removeNodes(chain(), ['1', '2', '3', '4', '5'], { reconnect: true }).links.size).toBe(0);
  });
});

describe('points on links', () => {
  it('go where they lie on the link and leave it whole when they go', () => {
    let graph = edit.addReroute(chain(), 3, [880, 60]);
    graph = edit.addReroute(graph, 3, [820, 30]);
    graph = edit.addReroute(graph, 3, [899, 60]);
    expect(graph.links.get(3)?.reroute).toBe(3);
    expect([...graph.reroutes.values()].map(({ id, parent }) => [id, parent])).toEqual([
      [1, 2],
      [2, null],
      [3, 1],
    ]);
    const without = edit.removeReroutes(graph, [1]);
    expect(without.reroutes.get(3)?.parent).toBe(2);
    expect(edit.removeReroutes(graph, [1, 3]).links.get(3)?.reroute).toBe(2);
    expect(edit.disconnect(graph, 3).reroutes.size).toBe(0);
  });
});

describe('groups', () => {
  it('take their nodes along, or not', () => {
    const graph = edit.groupAround(chain(), ['1', '2'], 'start');
    const [group] = graph.groups;
    if (group === undefined) throw new Error('no group');
    expect(membersOf(graph, group)).toEqual(new Set(['1', '2']));
    const moved = edit.moveGroup(graph, group.id, [10, 20], false);
    expect(moved.nodes.get('1')?.pos).toEqual([10, 20]);
    expect(moved.nodes.get('3')?.pos).toEqual([600, 0]);
    expect(edit.moveGroup(graph, group.id, [10, 20], true).nodes).toBe(graph.nodes);
    expect(edit.editGroup(graph, group.id, { title: 'x', color: '#123' }).groups[0]?.title).toBe('x');
  });
});

describe('nodes', () => {
  it('toggle a mode for all at once', () => {
    const muted = edit.setMode(chain(), ['1'], MUTED);
    const both = edit.toggleMode(muted, ['1', '2'], MUTED);
    expect([both.nodes.get('1')?.mode, both.nodes.get('2')?.mode]).toEqual([MUTED, MUTED]);
    expect(edit.toggleMode(both, ['1', '2'], MUTED).nodes.get('2')?.mode).toBe(0);
  });

  it('keep the text of a note where files look for it', () => {
    const { graph, id } = edit.addNote(EMPTY_GRAPH, [0, 0], 'MarkdownNote');
    const node = edit.setValue(graph, id, 'text', '# x').nodes.get(id);
    expect(node?.stored).toEqual(['# x']);
    expect(node && edit.noteText(node)).toBe('# x');
  });

  it('get the id that is asked for, unless it is taken', () => {
    const first = edit.addNode(EMPTY_GRAPH, definition('VAEDecode'), [0, 0], '7');
    expect(first.id).toBe('7');
    const second = edit.addNode(first.graph, definition('VAEDecode'), [0, 0], '7');
    expect(second.id).toBe('8');
    expect(edit.addNode(first.graph, definition('VAEDecode'), [0, 0], '-10').id).toBe('8');
  });

  it('line up and spread out', () => {
    const graph = chain();
    const right = edit.align(graph, ['1', '3'], 'right');
    const edges = ['1', '3'].map(
      (id) => (right.nodes.get(id)?.pos[0] ?? 0) + (right.nodes.get(id)?.size[0] ?? 0),
    );
    expect(edges[0]).toBe(edges[1]);
    const spread = edit.distribute(
      edit.moveNodes(graph, new Map([['2', [900, 0]]])),
      ['1', '2', '5'],
      'horizontal',
    );
    const gap = (left: string, next: string) => {
      const [one, other] = [spread.nodes.get(left), spread.nodes.get(next)];
      return (other?.pos[0] ?? 0) - (one?.pos[0] ?? 0) - (one?.size[0] ?? 0);
    };
    expect(gap('1', '2')).toBeCloseTo(gap('2', '5'));
  });

  it('are set out in layers', () => {
    const heap = edit.moveNodes(
      chain(),
      new Map([...chain().nodes.keys()].map((id) => [id, [50, 60] as const])),
    );
    const graph = edit.arrange(heap, definitions);
    for (const { source, target } of graph.links.values()) {
      const [from, to] = [graph.nodes.get(source), graph.nodes.get(target)];
      expect((from?.pos[0] ?? 0) + (from?.size[0] ?? 0)).toBeLessThan(to?.pos[0] ?? 0);
    }
    expect(Math.min(...[...graph.nodes.values()].map((node) => node.pos[0]))).toBe(50);
    for (const node of graph.nodes.values()) {
      expect(inRectangle(graph, node).size, `overlap with ${node.id}`).toBe(1);
    }
    expect(edit.arrange(heap, definitions, ['1', '3']).nodes.get('5')?.pos).toEqual([50, 60]);
  });
});

describe('choosing', () => {
  it('follows the flow', () => {
    const graph = chain();
    expect(upstream(graph, ['4'])).toEqual(new Set(['4', '3', '1', '2']));
    expect(downstream(graph, ['3'])).toEqual(new Set(['3', '4', '5']));
    expect(linksFrom(graph, '1')).toHaveLength(2);
    expect(linksFrom(graph, '1', 2)).toHaveLength(1);
  });

  it('finds by name before value', () => {
    const graph = edit.setValue(edit.setTitle(chain(), '4', 'euler decoder'), '5', 'filename_prefix', 'cats');
    expect(find(graph, definitions, 'EULER')).toEqual(['4', '3']);
    expect(find(graph, definitions, 'save cats')).toEqual(['5']);
    expect(find(graph, definitions, '  ')).toEqual([]);
  });
});

describe('columns', () => {
  it('keep boxes apart and edges going right', () => {
    const dice = new Dice(3);
    const boxes = new Map(
      Array.from({ length: 60 }, (_, at) => [`${at}`, [100, 20 + dice.below(80)] as const]),
    );
    const edges = Array.from({ length: 59 }, (_, at) => [`${dice.below(at + 1)}`, `${at + 1}`] as const);
    const middles = inColumns(boxes, edges, [50, 10]);
    for (const [from, to] of edges)
      expect(middles.get(from)?.[0] ?? 0).toBeLessThan(middles.get(to)?.[0] ?? 0);
    const placed = [...boxes].map(([key, size]) => {
      const [x, y] = middles.get(key) ?? [0, 0];
      return { pos: [x - size[0] / 2, y - size[1] / 2] as const, size };
    });
    for (const [at, one] of placed.entries()) {
      for (const other of placed.slice(at + 1)) expect(overlaps(one, other)).toBe(false);
    }
  });

  it('stand in the order of the inputs that they feed', () => {
    const sizes = ['model', 'negative', 'latent', 'positive', 'sampler'];
    const boxes = new Map(sizes.map((key) => [key, [200, key === 'latent' ? 120 : 160] as const]));
    const inputs = { positive: -40, negative: -14, latent: 12 };
    const fed = Object.entries(inputs).map(([key, enters]) => [key, 'sampler', -50, enters] as const);
    const clip = ['positive', 'negative'].map((key) => ['model', key, 0, -50] as const);
    const edges = [...fed, ...clip, ['model', 'sampler', -26, -66] as const];
    const middles = inColumns(boxes, edges.toReversed(), [70, 36]);
    const heights = Object.keys(inputs).map((key) => middles.get(key)?.[1] ?? 0);
    expect(heights).toEqual(heights.toSorted((one, other) => one - other));
    expect(new Set(Object.keys(inputs).map((key) => middles.get(key)?.[0])).size).toBe(1);
  });

  it('make a chain straight, and leave room where a link passes by', () => {
    const boxes = new Map(['a', 'b', 'c', 'd'].map((key) => [key, [100, 60] as const]));
    const chain = [
      ['a', 'b', 10, 10],
      ['b', 'c', 10, 10],
      ['c', 'd', 10, 10],
    ] as const;
    const straight = inColumns(boxes, chain, [50, 20]);
    expect(new Set([...straight.values()].map(([, y]) => Math.round(y))).size).toBe(1);
    const around = inColumns(boxes, [...chain, ['a', 'd', -20, -20]], [50, 20]);
    const [first, last, between] = ['a', 'd', 'b'].map((key) => around.get(key)?.[1] ?? 0);
    expect(Math.abs((first ?? 0) - (last ?? 0))).toBeLessThan(30);
    expect(between).toBeGreaterThan(first ?? 0);
  });

  it('lie below each other where nothing connects them, single ones in rows', () => {
    const boxes = new Map(['a', 'b', 'x', 'y', 'z'].map((key) => [key, [100, 50] as const]));
    const middles = inColumns(boxes, [['a', 'b']], [50, 20]);
    const at = (key: string) => middles.get(key) ?? [0, 0];
    expect(at('x')[1]).toBeGreaterThan(at('a')[1] + 50);
    expect(at('y')).toEqual([at('x')[0] + 150, at('x')[1]]);
    expect(at('z')[1]).toBeGreaterThan(at('y')[1] + 50);
  });

  it('bear circles', () => {
    const boxes = new Map(['a', 'b', 'c'].map((key) => [key, [10, 10] as const]));
    expect(
      inColumns(
        boxes,
        [
          ['a', 'b'],
          ['b', 'a'],
          ['b', 'c'],
        ],
        [5, 5],
      ).size,
    ).toBe(3);
  });
});
