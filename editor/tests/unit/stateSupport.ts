/** Definitions, graphs and a server in memory for the tests of the state. */

import { vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { FakeServer } from '../../src/api/fake';
import { addNode } from '../../src/model/edit';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH, type Graph, type Json, type JsonObject } from '../../src/model/types';

export const INFO: JsonObject = {
  Make: {
    input: {
      required: {
        seed: ['INT', { default: 0, min: 0, max: 18446744073709551615n, control_after_generate: true }],
      },
    },
    input_order: { required: ['seed'] },
    output: ['IMAGE'],
    output_is_list: [false],
    output_name: ['IMAGE'],
    name: 'Make',
    display_name: 'Make',
    description: '',
    python_module: 'nodes',
    category: 'test',
    output_node: false,
  },
  Show: {
    input: { required: { images: ['IMAGE', {}] } },
    input_order: { required: ['images'] },
    output: [],
    output_is_list: [],
    output_name: [],
    name: 'Show',
    display_name: 'Show',
    description: '',
    python_module: 'nodes',
    category: 'test',
    output_node: true,
  },
};

export const DEFINITIONS = readDefinitions(INFO);

export function definition(id: string) {
  const found = DEFINITIONS.get(id);
  if (found === undefined) throw new Error(`no definition ${id}`);
  return found;
}

/** Node 1 makes a picture, node 2 shows it; the seed is 5, and drawn anew for each run. */
export function smallGraph(control = 'randomize'): Graph {
  const made = addNode(EMPTY_GRAPH, definition('Make'), [0, 0]).graph;
  const graph = addNode(made, definition('Show'), [300, 0]).graph;
  const nodes = new Map(graph.nodes);
  const make = nodes.get('1');
  if (make !== undefined)
    nodes.set('1', {
      ...make,
      values: new Map<string, Json>([
        ['seed', 5],
        ['seed.control', control],
      ]),
    });
  const link = {
    id: 1,
    source: '1',
    sourceSlot: 0,
    target: '2',
    targetSlot: 0,
    type: 'IMAGE',
    reroute: null,
    extra: {},
  };
  return { ...graph, nodes, links: new Map([[1, link]]), lastLinkId: 1 };
}

export function fakeServer(): FakeServer {
  const server = new FakeServer();
  server.info = INFO;
  setApi(server);
  return server;
}

/** Lets everything that was promised happen. */
export async function settled(): Promise<void> {
  for (let index = 0; index < 30; index += 1) await Promise.resolve();
  await vi.waitFor(() => true);
}
