import { describe, expect, it } from 'vitest';
import { duplicated } from '../../src/model/clipboard';
import * as edit from '../../src/model/edit';
import { moveSocket, removeSocket, renameSocket, renameSubgraph } from '../../src/model/edit_boundary';
import { atPath, insideOf, linksFrom } from '../../src/model/graph';
import { definitionOf } from '../../src/model/instances';
import { socketPosition } from '../../src/model/measures';
import { toSubgraph } from '../../src/model/subgraphs';
import type { Graph, NodeId } from '../../src/model/types';
import { EMPTY_GRAPH, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from '../../src/model/types';
import { definition, definitions, expectSound } from './model_graphs';

import { packed, samplers, slotNamed } from './model_samplers';

const { addNode, connect, inputOf, outputOf } = edit;

describe('the inputs and outputs of a subgraph', () => {
  /** Both samplers in one, their models and seeds from the edge, and another instance of the same beside it. */
  function edged(): { readonly graph: Graph; readonly id: NodeId; readonly other: NodeId } {
    const { graph, id } = packed();
    const [seed, model] = [slotNamed(samplers(), '2', 'seed'), slotNamed(samplers(), '2', 'model')];
    const grown = atPath(graph, [id], (inner) => {
      const first = connect(inner, outputOf(SUBGRAPH_INPUTS, 1), inputOf('2', model));
      const second = connect(first, outputOf(SUBGRAPH_INPUTS, 1), inputOf('3', model));
      return connect(second, outputOf(SUBGRAPH_INPUTS, 2), inputOf('2', seed));
    });
    const loaded = addNode(grown, definition('CheckpointLoaderSimple'), [0, 300]);
    const fed = connect(loaded.graph, outputOf(loaded.id, 0), inputOf(id, 1));
    const copy = duplicated(fed, [id]);
    return { graph: copy.graph, id, other: [...copy.ids][0] ?? '' };
  }
  const names = (graph: Graph, id: NodeId) => graph.nodes.get(id)?.inputs.map(({ name }) => name);
  const into = (graph: Graph, id: NodeId) =>
    new Map(
      [...graph.links.values()].flatMap((link) => {
        const name = link.target === id ? graph.nodes.get(id)?.inputs[link.targetSlot]?.name : undefined;
        return name === undefined ? [] : [[name, link.source] as const];
      }),
    );

  it('get another order at every instance, and links follow them', () => {
    const { graph, id, other } = edged();
    const before = [into(graph, id), into(graph, other)];
    expect(names(graph, id)).toEqual(['latent_image', 'model', 'seed']);
    const moved = atPath(graph, [id], (inner) => moveSocket(inner, SUBGRAPH_INPUTS, 0, 2));
    expectSound(moved);
    for (const each of [id, other]) expect(names(moved, each)).toEqual(['model', 'seed', 'latent_image']);
    expect([into(moved, id), into(moved, other)]).toEqual(before);
    const inner = insideOf(moved, [id]);
    const fed = (slot: number) =>
      inner === null
        ? []
        : linksFrom(inner, SUBGRAPH_INPUTS, slot).map((link) => [link.target, link.targetSlot]);
    const was = insideOf(graph, [id]);
    const fedBefore = (slot: number) =>
      was === null ? [] : linksFrom(was, SUBGRAPH_INPUTS, slot).map((link) => [link.target, link.targetSlot]);
    expect(fed(2)).toEqual(fedBefore(0));
    expect(fed(0)).toEqual(fedBefore(1));
    expect(moveSocket(inner ?? EMPTY_GRAPH, SUBGRAPH_INPUTS, 0, 3)).toBe(inner);
  });

  it('go with their links inside and at every instance', () => {
    const { graph, id, other } = edged();
    const valued = edit.setValue(graph, other, 'seed', 7);
    const removed = atPath(valued, [id], (inner) =>
      removeSocket(removeSocket(inner, SUBGRAPH_INPUTS, 1), SUBGRAPH_INPUTS, 1),
    );
    expectSound(removed);
    expect(names(removed, other)).toEqual(['latent_image']);
    expect([...into(removed, id).keys()]).toEqual(['latent_image']);
    expect(removed.nodes.get(other)?.values.has('seed')).toBe(false);
    expect(removed.subgraphs.get(removed.nodes.get(id)?.type ?? '')?.inputs).toHaveLength(1);
    const without = atPath(removed, [id], (inner) => removeSocket(inner, SUBGRAPH_OUTPUTS, 0));
    expectSound(without);
    expect(linksFrom(without, id)).toEqual([]);
    expect(without.nodes.get(id)?.outputs).toEqual([]);
    expect(removeSocket(insideOf(without, [id]) ?? EMPTY_GRAPH, SUBGRAPH_OUTPUTS, 0)).toBe(
      insideOf(without, [id]),
    );
  });

  it('show another label everywhere, and keep the name that values and prompts go by', () => {
    const { graph, id, other } = edged();
    const renamed = atPath(graph, [id], (inner) => {
      return renameSocket(renameSocket(inner, SUBGRAPH_INPUTS, 2, ' Luck '), SUBGRAPH_OUTPUTS, 0, 'Both');
    });
    expectSound(renamed);
    for (const each of [id, other]) {
      const node = renamed.nodes.get(each);
      expect(node?.inputs[2]).toMatchObject({ name: 'seed', extra: { label: 'Luck' } });
      expect(node?.outputs[0]?.extra.label).toBe('Both');
      expect(node && definitionOf(renamed, node, definitions)?.widgets[0]?.label).toBe('Luck');
    }
    const back = atPath(renamed, [id], (inner) => renameSocket(inner, SUBGRAPH_INPUTS, 2, 'seed'));
    expect(back.nodes.get(other)?.inputs[2]?.extra.label).toBeUndefined();
    expect(atPath(back, [id], (inner) => renameSocket(inner, SUBGRAPH_INPUTS, 2, '  '))).toBe(back);
  });

  it('change for instances on every level, also outside of the open one', () => {
    const { graph, id } = edged();
    const outer = toSubgraph(graph, [id], 'outer');
    const type = graph.nodes.get(id)?.type ?? '';
    const both = edit.addNode(outer.graph, definition('VAEDecode'), [0, 900]);
    const instance = [...both.graph.nodes.values()].find((node) => node.type === type);
    expect(instance).toBeDefined();
    const path = [outer.id ?? '', id];
    const removed = atPath(both.graph, path, (inner) => removeSocket(inner, SUBGRAPH_INPUTS, 1));
    expectSound(removed);
    expect(names(removed, instance?.id ?? '')).toEqual(['latent_image', 'seed']);
  });

  it('are as wide as their labels need', () => {
    const { graph, id } = edged();
    const width = (of: Graph) => insideOf(of, [id])?.nodes.get(SUBGRAPH_INPUTS)?.size[0] ?? 0;
    const long = atPath(graph, [id], (inner) =>
      renameSocket(inner, SUBGRAPH_INPUTS, 0, 'the latent that both of them begin with'),
    );
    expect(width(long)).toBeGreaterThan(width(graph));
    const node = insideOf(long, [id])?.nodes.get(SUBGRAPH_INPUTS);
    expect(node && socketPosition(node, null, outputOf(SUBGRAPH_INPUTS, 0))[0]).toBe(width(long));
  });

  it('of a subgraph have its name', () => {
    const { graph, id } = edged();
    const type = graph.nodes.get(id)?.type ?? '';
    expect(renameSubgraph(graph, type, ' Twice ').subgraphs.get(type)?.name).toBe('Twice');
    expect(renameSubgraph(graph, type, ' ')).toBe(graph);
  });
});
