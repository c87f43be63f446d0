// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { addNode, connect, setCollapsed, setMode, setValue } from '../../src/model/edit';
import { insideOf, linkInto } from '../../src/model/graph';
import { definitionOf } from '../../src/model/instances';
import { listOf, objectOf, parseJson, stringifyJson } from '../../src/model/json';
import { isWorkflow, readWorkflow, writeWorkflow } from '../../src/model/serialize';
import { EMPTY_GRAPH, type Graph, type Json, type JsonObject } from '../../src/model/types';
import { at, BIG, DEFINITIONS, fixture, graphOf, nodeOf, TEXTS, valuesOf } from './formatsKit';

function written(graph: Graph): JsonObject {
  return writeWorkflow(graph, DEFINITIONS);
}

function nodeIn(file: JsonObject, id: Json): JsonObject {
  return objectOf(listOf(file.nodes).find((node) => objectOf(node).id === id));
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

/** Files that come back to the letter; the others are normalised, which their own tests describe. */
const KEPT = [...TEXTS.keys()].filter((name) => !['object_info.json', 'values.json'].includes(name));

describe('reading and writing', () => {
  it.each(KEPT)('gives the file back: %s', (name) => {
    expect(written(graphOf(name))).toEqual(fixture(name));
  });

  it.each(KEPT)('gives the file back without knowing any node: %s', (name) => {
    const file = fixture(name);
    expect(writeWorkflow(readWorkflow(file, new Map()), new Map())).toEqual(file);
  });

  it.each([...KEPT, 'values.json'])('comes to rest after one writing: %s', (name) => {
    const once = written(graphOf(name));
    expect(written(readWorkflow(parseJson(stringifyJson(once)), DEFINITIONS))).toEqual(once);
  });

  it('survives a structured copy, as drafts are kept', () => {
    const graph = structuredClone(graphOf('text_to_image_04.json'));
    expect(written(graph)).toEqual(fixture('text_to_image_04.json'));
  });

  it('tells workflows from other JSON', () => {
    expect(isWorkflow(fixture('values.json'))).toBe(true);
    for (const data of [null, 1, [], {}, { nodes: {} }, { nodes: [1] }]) {
      expect(isWorkflow(data)).toBe(false);
      expect(() => readWorkflow(data, DEFINITIONS)).toThrow('format.notAWorkflow');
    }
  });

  it('writes an empty graph as a whole file', () => {
    expect(written(EMPTY_GRAPH)).toEqual({
      last_node_id: 0,
      last_link_id: 0,
      nodes: [],
      links: [],
      groups: [],
      config: {},
      extra: {},
      version: 0.4,
    });
  });
});

describe('nodes', () => {
  const graph = graphOf('text_to_image_04.json');

  it('reads what a node is', () => {
    const node = nodeOf(graph, '4');
    expect(node).toMatchObject({
      type: 'CheckpointLoaderSimple',
      title: 'Model',
      color: '#223',
      bgcolor: '#335',
    });
    expect(nodeOf(graph, '6').collapsed).toBe(true);
    expect(nodeOf(graph, '5').size).toEqual([315, 106]);
    expect(nodeOf(graph, '3').properties.models).toHaveLength(1);
    expect(valuesOf(graph, '10')).toEqual({ text: 'read <b>me</b>' });
  });

  it('adds sockets that the file lacks, and writes them only once they are used', () => {
    const node = nodeOf(graph, '3');
    expect(node.inputs.map((input) => input.name)).toEqual([
      'model',
      'positive',
      'negative',
      'latent_image',
      'seed',
      'steps',
      'cfg',
      'sampler_name',
      'scheduler',
      'denoise',
    ]);
    const { graph: more, id } = addNode(graph, DEFINITIONS.get('Whole') ?? fail(), [0, 0]);
    const linked = connect(
      more,
      { node: id, slot: 0, side: 'output' },
      { node: '3', slot: node.inputs.findIndex((input) => input.name === 'steps'), side: 'input' },
    );
    const file = written(linked);
    expect(listOf(nodeIn(file, 3).inputs)).toHaveLength(5);
    expect(at(nodeIn(file, 3), 'inputs', 4)).toMatchObject({ name: 'steps', widget: { name: 'steps' } });
    expect(listOf(file.links).at(-1)).toEqual([12, 15, 0, 3, 4, 'INT']);
    expect(linkInto(readWorkflow(file, DEFINITIONS), '3', 4)?.source).toBe('15');
  });

  it('writes a new node with everything that others expect of one', () => {
    const { graph: more } = addNode(EMPTY_GRAPH, DEFINITIONS.get('KSampler') ?? fail(), [1, 2]);
    expect(at(written(more), 'nodes', 0)).toMatchObject({
      id: 1,
      type: 'KSampler',
      pos: [1, 2],
      flags: {},
      order: 0,
      mode: 0,
      widgets_values: [0, 'randomize', 20, 8, 'euler', 'simple', 1],
    });
  });

  it('writes what was changed and leaves the rest', () => {
    const changed = setCollapsed(setMode(setValue(graph, '3', 'seed', BIG - 1n), ['3'], 4), ['6'], false);
    const file = written(changed);
    expect(nodeIn(file, 3)).toEqual({
      ...nodeIn(fixture('text_to_image_04.json'), 3),
      mode: 4,
      widgets_values: [BIG - 1n, 'randomize', 20, 8, 'euler', 'normal', 1],
    });
    expect(nodeIn(file, 6).flags).toEqual({ pinned: true });
  });

  it('gives a second node of the same id a new one', () => {
    const twice = readWorkflow(workflow([plain(1, 'A'), plain(1, 'B'), plain(7, 'C')], []), DEFINITIONS);
    expect([...twice.nodes].map(([id, { type }]) => [id, type])).toEqual([
      ['1', 'A'],
      ['8', 'B'],
      ['7', 'C'],
    ]);
  });

  it('keeps an id that is text though it looks like a number', () => {
    const file = workflow([{ ...plain(1, 'A'), id: '1' }], []);
    expect(written(readWorkflow(file, DEFINITIONS))).toEqual(file);
  });

  it('keeps fields that are not what they should be', () => {
    const odd = {
      title: 5,
      mode: 'x',
      color: false,
      flags: { collapsed: 'yes' },
      inputs: null,
      properties: [],
    };
    const file = workflow([{ ...plain(1, 'A'), ...odd, pos: 'here' }], []);
    expect(written(readWorkflow(file, DEFINITIONS))).toEqual(file);
  });
});

describe('values (rules 1 and 2)', () => {
  const graph = graphOf('values.json');

  it('counts an extra place after every seed', () => {
    const full = graphOf('text_to_image_04.json');
    expect(valuesOf(full, '3')).toEqual({
      seed: BIG,
      'seed.control': 'randomize',
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
    });
    expect(valuesOf(graph, '6')).toEqual({ count: 4, 'count.control': 'increment', after: 9 });
  });

  it('counts the upload button last', () => {
    expect(valuesOf(graph, '4')).toMatchObject({ image: 'gone.png', upload: 'image' });
  });

  it('takes defaults for what is missing, and ignores what is too much', () => {
    expect(valuesOf(graph, '1')).toMatchObject({ seed: 5, steps: 20, sampler_name: 'euler', denoise: 1 });
    expect(valuesOf(graph, '3')).toMatchObject({ seed: 0, steps: 20, scheduler: 'simple' });
    expect(valuesOf(graph, '2')).toMatchObject({ denoise: 0.5 });
    expect(nodeOf(graph, '2').values.size).toBe(7);
  });

  it('checks, rounds and clamps nothing', () => {
    expect(valuesOf(graph, '5')).toEqual({
      whole: 3,
      part: 99.123456,
      kind: 'third',
      many: ['x', 'y'],
      note: 7,
    });
  });

  it('reads values that a file has by name', () => {
    expect(valuesOf(graph, '7')).toEqual({ width: 256, height: 128, batch_size: 1 });
    const changed = setValue(graph, '7', 'width', 64);
    expect(nodeIn(written(changed), 7).widgets_values).toEqual({
      width: 64,
      height: 128,
      batch_size: 1,
      spare: 1,
    });
  });

  it('fills up too few values, keeps what stands behind them, and leaves the rest to the letter', () => {
    const file = written(graph);
    expect(nodeIn(file, 1).widgets_values).toEqual([5, 'randomize', 20, 8, 'euler', 'simple', 1]);
    expect(nodeIn(file, 2).widgets_values).toEqual([
      5,
      'fixed',
      1,
      2,
      'sample_heun',
      'karras',
      0.5,
      'more',
      { a: 1 },
    ]);
    const changed = written(setValue(graph, '2', 'steps', 3));
    expect(nodeIn(changed, 2).widgets_values).toEqual([
      5,
      'fixed',
      3,
      2,
      'heun',
      'karras',
      0.5,
      'more',
      { a: 1 },
    ]);
  });
});

describe('renamed on load (rule 12)', () => {
  const graph = graphOf('values.json');

  it('renames types', () => {
    expect(['9', '10', '11'].map((id) => nodeOf(graph, id).type)).toEqual([
      'ConditioningAverage',
      'SVD_img2vid_Conditioning',
      'ControlNetLoader',
    ]);
    expect(nodeIn(written(graph), 9).type).toBe('ConditioningAverage');
  });

  it('shortens names of samplers', () => {
    expect(valuesOf(graph, '2').sampler_name).toBe('heun');
    expect(valuesOf(graph, '8').sampler_name).toBe('euler');
  });
});

describe('subgraphs', () => {
  const graph = graphOf('subgraphs.json');

  it('reads boundaries and what lies inside', () => {
    const subgraph = graph.subgraphs.get(nodeOf(graph, '2').type);
    expect(subgraph?.name).toBe('Sample');
    expect(subgraph?.inputs.map((input) => input.name)).toEqual(['clip', 'words']);
    expect(subgraph?.body.nodes.get('31')?.values.get('seed')).toBe(7);
    expect(valuesOf(graph, '2')).toEqual({ words: 'outermost' });
    expect(insideOf(graph, ['2', '30'])?.nodes.get('20')?.values.get('text')).toBe('inside');
  });

  it('knows the widgets of an instance', () => {
    const definition = definitionOf(graph, nodeOf(graph, '2'), DEFINITIONS);
    expect(definition?.widgets.map((widget) => [widget.name, widget.kind, widget.default])).toEqual([
      ['words', 'text', 'from within'],
    ]);
    const proxies = graphOf('subgraphs_proxies.json');
    const { widgets } = definitionOf(proxies, nodeOf(proxies, '2'), DEFINITIONS) ?? { widgets: [] };
    expect(widgets.map((widget) => widget.name)).toEqual(['31.seed', '31.seed.control', 'words', '31.cfg']);
    expect(valuesOf(proxies, '2')).toEqual({
      '31.seed': BIG - 5n,
      '31.seed.control': 'fixed',
      words: 'said outside',
    });
  });

  it('writes a changed value of an instance to its place', () => {
    const changed = setValue(graphOf('subgraphs_proxies.json'), '2', 'words', 'new');
    expect(nodeIn(written(changed), 2).widgets_values).toEqual([BIG - 5n, 'fixed', 'new', 1]);
  });

  it('gives the same definition as long as nothing changes', () => {
    const node = nodeOf(graph, '2');
    expect(definitionOf(graph, node, DEFINITIONS)).toBe(definitionOf({ ...graph }, node, DEFINITIONS));
  });
});

function fail(): never {
  throw new Error('no such definition');
}
