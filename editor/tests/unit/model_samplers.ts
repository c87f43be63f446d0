/** A chain of samplers, and the same with two of them in a subgraph. */

import * as edit from '../../src/model/edit';
import { toSubgraph } from '../../src/model/subgraphs';
import type { Graph, NodeId } from '../../src/model/types';
import { EMPTY_GRAPH } from '../../src/model/types';
import { definition } from './model_graphs';

const { addNode, connect, inputOf, outputOf } = edit;

export function slotNamed(graph: Graph, id: NodeId, name: string): number {
  return graph.nodes.get(id)?.inputs.findIndex((input) => input.name === name) ?? -1;
}

/** 1 → 2 → 3 → 4, the second one with its seed from 5. */
export function samplers(): Graph {
  let graph = addNode(EMPTY_GRAPH, definition('EmptyLatentImage'), [0, 0]).graph;
  for (const x of [300, 600]) graph = addNode(graph, definition('KSampler'), [x, 50]).graph;
  graph = addNode(graph, definition('VAEDecode'), [900, 0]).graph;
  graph = connect(graph, outputOf('1', 0), inputOf('2', slotNamed(graph, '2', 'latent_image')));
  graph = connect(graph, outputOf('2', 0), inputOf('3', slotNamed(graph, '3', 'latent_image')));
  return connect(graph, outputOf('3', 0), inputOf('4', 0));
}

export function packed(): { readonly graph: Graph; readonly id: NodeId } {
  const { graph, id } = toSubgraph(samplers(), ['2', '3'], 'both');
  return { graph, id: id ?? 'none' };
}
