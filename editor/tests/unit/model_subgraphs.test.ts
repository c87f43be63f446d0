import { describe, expect, it } from 'vitest';
import { copied, duplicated, pasted } from '../../src/model/clipboard';
import type { Control } from '../../src/model/definition';
import * as edit from '../../src/model/edit';
import { atPath, insideOf, linksFrom } from '../../src/model/graph';
import { definitionOf } from '../../src/model/instances';
import { advanced } from '../../src/model/seeds';
import { toSubgraph, unpacked } from '../../src/model/subgraphs';
import type { Graph, Json, NodeId } from '../../src/model/types';
import { EMPTY_GRAPH, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from '../../src/model/types';
import {
  definition,
  definitions,
  expectSound,
  expectSoundBody,
  linkText,
  meaning,
  randomConnect,
  randomGraph,
} from './model_graphs';
import { packed, samplers, slotNamed } from './model_samplers';

const { addNode, connect, inputOf, outputOf } = edit;

describe('subgraphs', () => {
  it('are what they were once they are unpacked', () => {
    let made = 0;
    for (let seed = 1; seed <= 80; seed += 1) {
      const { graph, dice } = randomGraph(seed);
      const { graph: inner, id } = toSubgraph(graph, dice.some(graph.nodes.keys(), 0.3), 'x');
      expectSound(inner);
      if (id === null) {
        expect(inner).toBe(graph);
        continue;
      }
      made += 1;
      const again = unpacked(inner, id);
      expectSound(again);
      expect((meaning(again) as { nodes: Json }).nodes).toEqual((meaning(graph) as { nodes: Json }).nodes);
      expect((meaning(again) as { links: Json }).links).toEqual((meaning(graph) as { links: Json }).links);
      expect((meaning(again) as { groups: Json }).groups).toEqual(
        (meaning(graph) as { groups: Json }).groups,
      );
    }
    expect(made).toBeGreaterThan(20);
  });

  it('are refused where they would feed themselves', () => {
    const graph = samplers();
    expect(toSubgraph(graph, ['1', '3'], 'x')).toEqual({ graph, id: null });
    expect(toSubgraph(graph, [], 'x').id).toBeNull();
  });

  it('share an input among links from one socket', () => {
    let graph = addNode(samplers(), definition('CheckpointLoaderSimple'), [0, 300]).graph;
    for (const id of ['2', '3']) graph = connect(graph, outputOf('5', 0), inputOf(id, 0));
    const result = toSubgraph(graph, ['2', '3'], 'both');
    const instance = result.graph.nodes.get(result.id ?? '');
    expect(instance?.inputs.map((input) => input.name).sort()).toEqual(['latent_image', 'model']);
    expect(unpackedLinks(result.graph, result.id)).toEqual(linksOf(graph));
  });

  it('are seen from inside with their inputs and outputs as nodes', () => {
    const { graph, id } = packed();
    const inner = insideOf(graph, [id]);
    if (inner === null) throw new Error('not there');
    expect([...inner.nodes.keys()]).toEqual([SUBGRAPH_INPUTS, '2', '3', SUBGRAPH_OUTPUTS]);
    expect(insideOf(graph, [id])).toBe(inner);
    expectSoundBody(inner, [], []);
    expect(insideOf(graph, ['1'])).toBeNull();
    expect(insideOf(graph, [id, '2'])).toBeNull();
    expect(insideOf(graph, [])).toBe(graph);
  });

  it('are written back, and only if something changed', () => {
    const { graph, id } = packed();
    expect(atPath(graph, [id], (inner) => inner)).toBe(graph);
    const renamed = atPath(graph, [id], (inner) => edit.setTitle(inner, '2', 'first'));
    expectSound(renamed);
    const before = insideOf(graph, [id]);
    const after = insideOf(renamed, [id]);
    expect(after?.nodes.get('2')?.title).toBe('first');
    expect(after?.nodes.get('3')).toBe(before?.nodes.get('3'));
    expect(after?.nodes.get(SUBGRAPH_INPUTS)).toBe(before?.nodes.get(SUBGRAPH_INPUTS));
    expect(renamed.nodes).toBe(graph.nodes);
  });

  it('get an input where something is connected to the free socket', () => {
    const { graph, id } = packed();
    const [seed, model] = [slotNamed(samplers(), '2', 'seed'), slotNamed(samplers(), '2', 'model')];
    const grown = atPath(graph, [id], (inner) => {
      const first = connect(inner, outputOf(SUBGRAPH_INPUTS, 1), inputOf('2', model));
      return connect(first, outputOf(SUBGRAPH_INPUTS, 2), inputOf('2', seed));
    });
    expectSound(grown);
    const instance = grown.nodes.get(id);
    expect(instance?.inputs.map(({ name, widget }) => [name, widget])).toEqual([
      ['latent_image', null],
      ['model', null],
      ['seed', 'seed'],
    ]);
    expect(
      instance && definitionOf(grown, instance, definitions)?.widgets.map((widget) => widget.name),
    ).toEqual(['seed']);
    const output = atPath(grown, [id], (inner) =>
      connect(inner, outputOf('2', 0), inputOf(SUBGRAPH_OUTPUTS, 1)),
    );
    expect(output.nodes.get(id)?.outputs.map((each) => each.name)).toEqual(['LATENT', 'LATENT_1']);
    expectSound(output);
  });

  it('never hold themselves, are forgotten once unused, and keep their edges', () => {
    const { graph, id } = packed();
    const text = copied(graph, [id]);
    const inside = atPath(
      graph,
      [id],
      (inner) => pasted(inner, definitions, text, [0, 0], false)?.graph ?? inner,
    );
    expect(inside).toBe(graph);
    expect(atPath(graph, [], (whole) => edit.removeNodes(whole, [id])).subgraphs.size).toBe(0);
    expect(atPath(graph, [], (whole) => unpacked(whole, id)).subgraphs.size).toBe(0);
    const emptied = atPath(graph, [id], (inner) => edit.removeNodes(inner, inner.nodes.keys()));
    expectSound(emptied);
    expect(emptied.nodes.get(id)?.inputs).toHaveLength(1);
  });

  it('can be edited at any depth', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      let { graph, dice } = randomGraph(seed);
      const path: NodeId[] = [];
      for (let inner: Graph | null = graph; inner !== null; inner = insideOf(graph, path)) {
        const instance = [...inner.nodes.values()].find((node) => graph.subgraphs.has(node.type));
        if (instance === undefined) break;
        path.push(instance.id);
      }
      for (let at = 0; at < 20; at += 1) {
        graph = atPath(graph, path.slice(0, dice.below(path.length + 1)), (inner) => {
          const chosen = dice.some(inner.nodes.keys(), 0.2);
          const ways = [
            () => randomConnect(inner, dice),
            () => edit.removeNodes(inner, chosen.slice(0, 1), { reconnect: true }),
            () => toSubgraph(inner, chosen, 'deeper').graph,
            () => unpacked(inner, chosen[0] ?? ''),
            () => duplicated(inner, chosen).graph,
          ];
          return (dice.pick(ways) ?? ways[0])?.() ?? inner;
        });
        expectSound(graph);
      }
    }
  }, 60_000);

  it('hand the value that was set on them to the inside when unpacked', () => {
    const { graph, id } = packed();
    const seed = slotNamed(samplers(), '2', 'seed');
    const grown = atPath(graph, [id], (inner) =>
      connect(inner, outputOf(SUBGRAPH_INPUTS, 1), inputOf('2', seed)),
    );
    const set = edit.setMode(edit.setValue(grown, id, 'seed', 77), [id], 4);
    const result = unpacked(set, id);
    expect(result.nodes.get('2')?.values.get('seed')).toBe(77);
    expect(result.nodes.get('3')?.mode).toBe(4);
  });
});

const linksOf = (graph: Graph) => [...graph.links.values()].map(linkText).sort();
const unpackedLinks = (graph: Graph, id: NodeId | null) => linksOf(unpacked(graph, id ?? ''));

describe('the clipboard', () => {
  it('gives what was copied, at the point, under new ids', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { graph, dice } = randomGraph(seed);
      const ids = dice.some(graph.nodes.keys(), 0.5);
      const result = pasted(graph, definitions, copied(graph, ids), [5000, 5000], dice.next() < 0.5);
      if (ids.length === 0) {
        expect(result).toBeNull();
        continue;
      }
      if (result === null) throw new Error('nothing was pasted');
      expectSound(result.graph);
      expect(result.ids.size).toBe(ids.length);
      expect(result.graph.nodes.size).toBe(graph.nodes.size + ids.length);
      expect(result.graph.subgraphs.size).toBe(graph.subgraphs.size);
      const corner = [...result.ids].map((id) => result.graph.nodes.get(id)?.pos[0] ?? 0);
      expect(Math.min(...corner)).toBe(5000);
    }
  });

  it('keeps incoming links if asked', () => {
    const graph = samplers();
    const count = (result: ReturnType<typeof pasted>) => (result?.graph.links.size ?? 0) - graph.links.size;
    expect(count(pasted(graph, definitions, copied(graph, ['3']), [0, 0], false))).toBe(0);
    expect(count(pasted(graph, definitions, copied(graph, ['3']), [0, 0], true))).toBe(1);
    expect(count(pasted(graph, definitions, copied(graph, ['2', '3']), [0, 0], false))).toBe(1);
    const { graph: twice, ids } = duplicated(graph, ['3']);
    expect(linksFrom(twice, '2')).toHaveLength(2);
    expect(ids).toEqual(new Set(['5']));
  });

  it('brings subgraphs into other workflows, apart from others of the same id', () => {
    const { graph, id } = packed();
    const text = copied(graph, [id]);
    const elsewhere = pasted(EMPTY_GRAPH, definitions, text, [0, 0], false)?.graph;
    expect(elsewhere?.subgraphs.size).toBe(1);
    const changed = atPath(graph, [id], (inner) => edit.setValue(inner, '2', 'steps', 3));
    const both = pasted(changed, definitions, text, [0, 0], false)?.graph;
    if (both === undefined) throw new Error('nothing was pasted');
    expectSound(both);
    expect(both.subgraphs.size).toBe(2);
  });

  it('keeps large seeds', () => {
    const graph = edit.setValue(samplers(), '2', 'seed', 18446744073709551615n);
    const result = pasted(graph, definitions, copied(graph, ['2']), [0, 0], false);
    expect(result?.graph.nodes.get('5')?.values.get('seed')).toBe(18446744073709551615n);
  });

  it('takes nothing unsound from a text', () => {
    const node = { id: '1', type: 'A', inputs: [{ name: 'i' }], outputs: [{ name: 'o' }] };
    const link = { id: 1, source: '1', sourceSlot: 0, target: '2', targetSlot: 0 };
    const texts: readonly unknown[] = [
      {
        nodeloom: 1,
        nodes: [node, { ...node, id: '2' }],
        links: [link, { ...link, id: 2, source: '2', target: '1' }],
      },
      {
        nodeloom: 1,
        nodes: [node, node, 7, null, { id: 4 }],
        links: [
          { ...link, target: '9' },
          { ...link, id: 'x' },
        ],
      },
      { nodeloom: 1, nodes: [node], groups: [{ id: 1 }, []], reroutes: [{ id: 1, parent: 1 }], values: 3 },
      {
        nodeloom: 1,
        nodes: [{ ...node, type: 's' }],
        subgraphs: [{ id: 's', nodes: [{ id: '1', type: 's' }] }],
      },
      { nodeloom: 1, nodes: 'x' },
      { nodeloom: 2, nodes: [node] },
      [],
    ];
    for (const text of [...texts.map((data) => JSON.stringify(data)), '', '{"nodeloom"', 'a poem']) {
      const result = pasted(EMPTY_GRAPH, definitions, text, [0, 0], true);
      if (result !== null) expectSound(result.graph);
    }
  });
});

describe('seeds', () => {
  const run = (control: Control, value: Json, random = 0n): Json | undefined => {
    const graph = edit.setValue(edit.setValue(samplers(), '2', 'seed.control', control), '2', 'seed', value);
    return advanced(graph, definitions, () => random, 'before')
      .nodes.get('2')
      ?.values.get('seed');
  };

  it('follow their control within their bounds', () => {
    expect(run('fixed', 5)).toBe(5);
    expect(run('increment', 5)).toBe(6);
    expect(run('decrement', 0)).toBe(0);
    expect(run('increment', 18446744073709551615n)).toBe(18446744073709551615n);
    expect(run('increment', 9007199254740992n)).toBe(9007199254740993n);
    expect(run('randomize', 5, 42n)).toBe(42);
    expect(run('randomize', 5, 2n ** 64n - 1n)).toBe(2 ** 53 - 1);
  });

  it('stay where they are fixed, and the graph with them', () => {
    const ids = ['2', '3'];
    const fixed = edit.setValues(
      samplers(),
      new Map(ids.map((id) => [id, new Map([['seed.control', 'fixed']])])),
    );
    expect(advanced(fixed, definitions, () => 1n, 'after')).toBe(fixed);
  });

  it('change inside subgraphs, and on the instance where they are set there', () => {
    const { graph, id } = packed();
    const inside = insideOf(
      advanced(graph, definitions, () => 9n, 'before'),
      [id],
    );
    expect(inside?.nodes.get('2')?.values.get('seed')).toBe(9);
    const seed = slotNamed(samplers(), '2', 'seed');
    const grown = atPath(graph, [id], (inner) =>
      connect(inner, outputOf(SUBGRAPH_INPUTS, 1), inputOf('2', seed)),
    );
    const after = advanced(grown, definitions, () => 11n, 'before');
    expect(after.nodes.get(id)?.values.get('seed')).toBe(11);
    expect(insideOf(after, [id])?.nodes.get('2')?.values.get('seed')).toBe(0);
  });
});
