// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { removeNodes } from '../../src/model/edit';
import { linkInto, linksFrom } from '../../src/model/graph';
import { listOf, stringifyJson } from '../../src/model/json';
import { readWorkflow, writeWorkflow } from '../../src/model/serialize';
import type { Graph, Json, JsonObject } from '../../src/model/types';
import { at, BIG, DEFINITIONS, graphOf, nodeOf } from './formatsKit';

function written(graph: Graph): JsonObject {
  return writeWorkflow(graph, DEFINITIONS);
}

function workflow(nodes: readonly Json[], links: readonly Json[], more: JsonObject = {}): JsonObject {
  return {
    last_node_id: 9,
    last_link_id: 9,
    nodes,
    links,
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
    ...more,
  };
}

function plain(id: number, type: string, more: JsonObject = {}): JsonObject {
  return { id, type, pos: [0, 0], size: [1, 1], flags: {}, order: 0, mode: 0, properties: {}, ...more };
}

describe('links (rule 3)', () => {
  const source = plain(1, 'Source', { outputs: [{ name: 'a', type: 'A', links: [1, 2] }] });
  const inputs = (...links: Json[]) => links.map((link, slot) => ({ name: `in${slot}`, type: 'A', link }));

  it('takes the input that names a link, not the position in the link', () => {
    const file = workflow([source, plain(2, 'Target', { inputs: inputs(null, 1) })], [[1, 1, 0, 2, 0, 'A']]);
    const graph = readWorkflow(file, DEFINITIONS);
    expect(linkInto(graph, '2', 0)).toBeNull();
    expect(linkInto(graph, '2', 1)?.source).toBe('1');
    expect(listOf(written(graph).links)).toEqual([[1, 1, 0, 2, 1, 'A']]);
  });

  it('drops links that no input names, that begin or end nowhere, and a second one into an input', () => {
    const target = plain(2, 'Target', { inputs: inputs(1, null) });
    const links = [
      [1, 1, 0, 2, 0, 'A'],
      [2, 1, 0, 2, 1, 'A'],
      [3, 99, 0, 2, 1, 'A'],
      [4, 1, 0, 99, 0, 'A'],
      [5, 1, 0, 2, 0, 'A'],
      null,
      'x',
    ];
    const graph = readWorkflow(workflow([source, target], links), DEFINITIONS);
    expect([...graph.links.keys()]).toEqual([1]);
  });

  it('believes a link where the input says nothing of links', () => {
    const target = plain(2, 'Target', { inputs: [{ name: 'in', type: 'A' }] });
    const graph = readWorkflow(workflow([source, target], [[1, 1, 0, 2, 0, 'A']]), DEFINITIONS);
    expect(linksFrom(graph, '1')).toHaveLength(1);
  });

  it('gives a source the output that a link names', () => {
    const target = plain(2, 'Target', { inputs: inputs(1) });
    const graph = readWorkflow(workflow([plain(1, 'Source'), target], [[1, 1, 2, 2, 0, 'A']]), DEFINITIONS);
    expect(nodeOf(graph, '1').outputs).toHaveLength(3);
    expect(linksFrom(graph, '1', 2)).toHaveLength(1);
  });

  it('raises counters to what is in use', () => {
    const graph = readWorkflow(workflow([plain(70, 'A')], [], { last_node_id: 1 }), DEFINITIONS);
    expect(graph.lastNodeId).toBe(70);
    expect(graphOf('subgraphs.json').lastNodeId).toBe(50);
  });
});

describe('reroutes', () => {
  it.each(['reroutes_04.json', 'reroutes_10.json'])('reads and writes both forms: %s', (name) => {
    const graph = graphOf(name);
    const reroutes = [...graph.reroutes.values()];
    expect(reroutes[0]?.parent).toBeNull();
    expect(reroutes[1]?.parent).toBe(1);
    expect([...graph.links.values()].map((link) => link.reroute)).toContain(reroutes[1]?.id);
  });

  it('forgets links that are gone', () => {
    const graph = removeNodes(graphOf('reroutes_10.json'), ['2']);
    const file = written(graph);
    expect(at(file, 'reroutes', 0, 'linkIds')).toEqual([2]);
    expect(at(file, 'nodes', 0, 'outputs', 0, 'links')).toEqual([2]);
  });

  it('does not run round in circles', () => {
    const nodes = [
      plain(1, 'A', { outputs: [{ name: 'a', type: 'A', links: [1] }] }),
      plain(2, 'B', { inputs: [{ name: 'b', type: 'A', link: 1 }] }),
    ];
    const reroutes = [
      { id: 1, parentId: 2, pos: [0, 0], linkIds: [1] },
      { id: 2, parentId: 1, pos: [0, 0], linkIds: [1] },
    ];
    const extra = { reroutes, linkExtensions: [{ id: 1, parentId: 2 }] };
    const file = workflow(nodes, [[1, 1, 0, 2, 0, 'A']], { extra });
    expect(written(readWorkflow(file, DEFINITIONS)).extra).toEqual(extra);
  });
});

describe('hostile files', () => {
  it('reads any JSON with a list of nodes without breaking', () => {
    const odd: readonly Json[] = [null, 1, 'x', [], {}, [[]], { id: {} }, -1, BIG, 1e308];
    for (const value of odd) {
      const keys = [
        'id',
        'type',
        'pos',
        'size',
        'flags',
        'mode',
        'inputs',
        'outputs',
        'properties',
        'widgets_values',
      ];
      const node = Object.fromEntries(keys.map((key) => [key, value]));
      const more = Object.fromEntries(
        ['links', 'groups', 'extra', 'definitions', 'reroutes'].map((key) => [key, value]),
      );
      const file = { nodes: [node, { ...plain(1, 'KSampler'), inputs: [value], outputs: [value] }], ...more };
      const graph = readWorkflow(file, DEFINITIONS);
      expect(graph.nodes.size).toBe(2);
      expect(stringifyJson(written(graph))).toBeTypeOf('string');
    }
  });

  it('keeps markup in names as text', () => {
    const graph = graphOf('text_to_image_04.json');
    expect(graph.groups[0]?.title).toBe('Prompts <i>');
  });

  it('reads 10,000 nodes within seconds', () => {
    const nodes = Array.from({ length: 10_000 }, (_, id) =>
      plain(id + 1, 'KSampler', {
        inputs: [{ name: 'latent_image', type: 'LATENT', link: id === 0 ? null : id }],
        outputs: [{ name: 'LATENT', type: 'LATENT', links: [id + 1] }],
      }),
    );
    const links = nodes.slice(1).map((_, id) => [id + 1, id + 1, 0, id + 2, 0, 'LATENT']);
    const started = performance.now();
    const graph = readWorkflow(workflow(nodes, links), DEFINITIONS);
    written(graph);
    expect(graph.links.size).toBe(9999);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
