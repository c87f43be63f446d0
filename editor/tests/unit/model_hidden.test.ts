/** Inputs that a node does not show: kept in the file, back with a link, and never lost. */

import { describe, expect, it } from 'vitest';
import { addNode, connect, inputOf, outputOf } from '../../src/model/edit';
import { fitGroup, groupAround } from '../../src/model/edit_groups';
import { hideInputs, hidesInputs } from '../../src/model/edit_hidden';
import { moveLinkEnd } from '../../src/model/edit_links';
import { hiddenInputs } from '../../src/model/hidden';
import { rowsOf, shownSize } from '../../src/model/measures';
import { readWorkflow, writeWorkflow } from '../../src/model/serialize';
import { EMPTY_GRAPH, type Graph, type GraphNode } from '../../src/model/types';
import { definition, definitions } from './model_graphs';

/** A loader (1) linked to a sampler (2) by its model only, and a second loader (3). */
function linked(): Graph {
  const types = ['CheckpointLoaderSimple', 'KSampler', 'CheckpointLoaderSimple'];
  const graph = types.reduce(
    (now, type, at) => addNode(now, definition(type), [400 * at, 0]).graph,
    EMPTY_GRAPH,
  );
  return connect(graph, outputOf('1', 0), inputOf('2', 0));
}

function sampler(graph: Graph): GraphNode {
  const node = graph.nodes.get('2');
  if (node === undefined) throw new Error('no node');
  return node;
}

const shown = (graph: Graph): readonly string[] =>
  rowsOf(sampler(graph), definition('KSampler')).flatMap(({ kind, input }) =>
    kind === 'slots' && input !== undefined ? [sampler(graph).inputs[input]?.name ?? ''] : [],
  );
const heightOf = (graph: Graph): number => shownSize(sampler(graph), definition('KSampler'))[1];

describe('inputs without links', () => {
  const hidden = hideInputs(linked(), definitions, ['2'], true);

  it('lose their rows, and widgets do not', () => {
    expect(shown(linked())).toEqual(['model', 'positive', 'negative', 'latent_image']);
    expect(shown(hidden)).toEqual(['model']);
    expect([...hiddenInputs(sampler(hidden))]).toEqual(['positive', 'negative', 'latent_image']);
    const widgets = (graph: Graph) =>
      rowsOf(sampler(graph), definition('KSampler')).filter((row) => row.widget);
    expect(widgets(hidden)).toHaveLength(widgets(linked()).length);
    expect(heightOf(hidden)).toBeLessThan(heightOf(linked()));
  });

  it('come back, and the node is as tall as before', () => {
    expect(hidesInputs(hidden, ['1', '2'])).toBe(true);
    const back = hideInputs(hidden, definitions, ['2'], false);
    expect(sampler(back)).toEqual(sampler(linked()));
    expect(hideInputs(back, definitions, ['1'], true)).toBe(back);
  });

  it('are in files under a property, with all their sockets', () => {
    const file = writeWorkflow(hidden, definitions);
    expect(JSON.stringify(file)).toContain('"nodeloom.hiddenInputs":["positive","negative","latent_image"]');
    const read = readWorkflow(file, definitions);
    expect(shown(read)).toEqual(['model']);
    expect(sampler(read).inputs).toHaveLength(sampler(linked()).inputs.length);
  });

  it('are shown once something is connected to them', () => {
    const graph = addNode(hidden, definition('EmptyLatentImage'), [0, 400]).graph;
    const slot = sampler(graph).inputs.findIndex(({ name }) => name === 'latent_image');
    const wired = connect(graph, outputOf('4', 0), inputOf('2', slot));
    expect(wired.links.size).toBe(2);
    expect(shown(wired)).toEqual(['model', 'latent_image']);
  });

  it('whose names no longer exist are nothing', () => {
    const node = sampler(hidden);
    const other = { ...node, properties: { 'nodeloom.hiddenInputs': ['gone', 5, 'positive', 'seed'] } };
    expect([...hiddenInputs(other)]).toEqual(['positive']);
    expect([...hiddenInputs({ ...node, properties: { 'nodeloom.hiddenInputs': 'x' } })]).toEqual([]);
  });
});

describe('the output end of a link', () => {
  it('goes to another output of the same type, and nowhere else', () => {
    const graph = linked();
    const moved = moveLinkEnd(graph, 1, outputOf('3', 0));
    expect(moved.links.get(1)).toMatchObject({ source: '3', sourceSlot: 0, target: '2', targetSlot: 0 });
    expect(moveLinkEnd(graph, 1, outputOf('3', 1))).toBe(graph);
    expect(moveLinkEnd(graph, 1, outputOf('2', 0))).toBe(graph);
  });
});

describe('a group', () => {
  it('fits its nodes as they are drawn', () => {
    const graph = groupAround(linked(), ['1', '2'], 'x');
    const folded = fitGroup(graph, 1, (node) => ({ pos: node.pos, size: [100, 30] }));
    const [group] = folded.groups;
    expect(group?.size).toEqual([400 + 100 + 32, 30 + 32 + 36]);
    expect(fitGroup(folded, 7)).toBe(folded);
  });
});
