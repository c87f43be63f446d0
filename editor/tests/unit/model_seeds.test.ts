// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setValue } from '../../src/model/edit';
import { toPrompt } from '../../src/model/prompt';
import { advanced } from '../../src/model/seeds';
import type { Graph, GraphNode, Json } from '../../src/model/types';
import { rememberSeeds, withNextSeeds } from '../../src/state/seedsUsed';
import { DEFINITIONS, graphOf, inputsIn, nodeOf } from './formatsKit';

const next = (graph: Graph, random = 0n): Graph => advanced(graph, DEFINITIONS, () => random, 'before');
const sent = (graph: Graph, id: string): Json | undefined =>
  inputsIn(toPrompt(graph, DEFINITIONS).prompt, id).seed;

/** The workflow of a file with other values on its instance. */
function withValues(name: string, values: Readonly<Record<string, Json>>): Graph {
  return Object.entries(values).reduce(
    (graph, [key, value]) => setValue(graph, '2', key, value),
    graphOf(name),
  );
}

/** What the instance shows of a seed. */
function shown(graph: Graph, name: string): Json | undefined {
  return nodeOf(graph, '2').values.get(name);
}

describe('a seed that an instance shows of a node inside', () => {
  const proxy = (values: Readonly<Record<string, Json>>) => withValues('subgraphs_proxies.json', values);

  it('is advanced on the instance, by the control there, and is the one that runs', () => {
    const graph = proxy({ '31.seed': 41, '31.seed.control': 'increment' });
    const after = next(graph);
    expect(shown(after, '31.seed')).toBe(42);
    expect(sent(after, '2:31')).toBe(42);
    expect(sent(next(after), '2:31')).toBe(43);
  });

  it('stays within the bounds of the widget inside', () => {
    const most = proxy({ '31.seed': 18446744073709551615n, '31.seed.control': 'increment' });
    expect(shown(next(most), '31.seed')).toBe(18446744073709551615n);
    const drawn = next(proxy({ '31.seed': 1, '31.seed.control': 'randomize' }), 77n);
    expect([shown(drawn, '31.seed'), sent(drawn, '2:31')]).toEqual([77, 77]);
  });

  it('stays where it is fixed', () => {
    const graph = proxy({});
    expect(next(graph)).toBe(graph);
  });

  it('of a group node is advanced there, as it has no other place', () => {
    const name = [...nodeOf(graphOf('group_node.json'), '2').values.keys()].find((key) =>
      key.endsWith('.seed'),
    );
    if (name === undefined) throw new Error('the group node shows no seed');
    const graph = withValues('group_node.json', { [name]: 8, [`${name}.control`]: 'decrement' });
    const after = next(graph);
    expect(shown(after, name)).toBe(7);
    expect(Object.values(toPrompt(after, DEFINITIONS).prompt)).toContainEqual(
      expect.objectContaining({ inputs: expect.objectContaining({ seed: 7 }) }),
    );
  });
});

describe('the seed of a first run', () => {
  afterEach(() => vi.unstubAllGlobals());

  const without = (graph: Graph, name: string): Graph => {
    const node = nodeOf(graph, '2');
    const values = new Map([...node.values].filter(([key]) => key !== name));
    const nodes = new Map<string, GraphNode>(graph.nodes).set('2', { ...node, values });
    return { ...graph, nodes };
  };

  it('is the one inside where the instance has none, and later ones follow it on the instance', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => kept.set(key, text),
    });
    const counting = withValues('subgraphs_proxies.json', { '31.seed.control': 'increment' });
    const graph = without(counting, '31.seed');
    const first = withNextSeeds('d', graph, DEFINITIONS);
    expect(sent(first.graph, '2:31')).toBe(7);
    rememberSeeds('d', first.used, new Set(['d']));
    const second = withNextSeeds('d', first.graph, DEFINITIONS);
    expect(shown(second.graph, '31.seed')).toBe(8);
    expect(sent(second.graph, '2:31')).toBe(8);
  });
});
