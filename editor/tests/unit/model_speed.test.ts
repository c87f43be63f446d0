import { describe, expect, it } from 'vitest';
import { copied, duplicated, pasted } from '../../src/model/clipboard';
import { whyNot } from '../../src/model/connect';
import * as edit from '../../src/model/edit';
import { linkInto, linksFrom } from '../../src/model/graph';
import { find } from '../../src/model/select';
import { toSubgraph, unpacked } from '../../src/model/subgraphs';
import type { Graph, GraphNode, Group, Link, NodeId, Point, Reroute } from '../../src/model/types';
import { EMPTY_GRAPH } from '../../src/model/types';
import { definition, definitions } from './model_graphs';

/** Nodes in one long chain, with a point on every link and groups around them. */
function chain(count: number): Graph {
  const kind = definition('KSampler');
  const slot = kind.inputs.findIndex((input) => input.type === 'LATENT');
  const nodes = new Map<NodeId, GraphNode>();
  const links = new Map<number, Link>();
  const reroutes = new Map<number, Reroute>();
  const groups: Group[] = [];
  for (let at = 1; at <= count; at += 1) {
    const pos: Point = [(at % 40) * 300, Math.floor(at / 40) * 400];
    nodes.set(String(at), edit.newNode(kind, pos, String(at)));
    if (at % 50 === 0) groups.push({ id: at, title: '', pos, size: [900, 900], color: null, extra: {} });
    if (at === 1) continue;
    reroutes.set(at, { id: at, pos, parent: null, extra: {} });
    const ends = { source: String(at - 1), sourceSlot: 0, target: String(at), targetSlot: slot };
    links.set(at, { id: at, ...ends, type: 'LATENT', reroute: at, extra: {} });
  }
  return { ...EMPTY_GRAPH, nodes, links, reroutes, groups, lastNodeId: count, lastLinkId: count };
}

const half = (graph: Graph) => [...graph.nodes.keys()].slice(0, graph.nodes.size / 2);
const every = (graph: Graph) => [...graph.nodes.keys()];
const everySecond = (graph: Graph) => [...graph.nodes.keys()].filter((_, at) => at % 2 === 1);
const middle = (graph: Graph) => graph.nodes.size / 2;

const EDITS: Readonly<Record<string, (graph: Graph) => unknown>> = {
  add: (graph) => edit.addNode(graph, definition('VAEDecode'), [0, 0]),
  remove: (graph) => edit.removeNodes(graph, half(graph)),
  reconnect: (graph) => edit.removeNodes(graph, everySecond(graph), { reconnect: true }),
  move: (graph) => edit.moveNodes(graph, new Map(every(graph).map((id) => [id, [1, 1]]))),
  mode: (graph) => edit.toggleMode(graph, every(graph), 4),
  disconnect: (graph) => edit.disconnect(graph, middle(graph)),
  moveEnd: (graph) => edit.moveLinkEnd(graph, middle(graph), edit.outputOf('1', 0)),
  insert: (graph) => {
    const { graph: more, id } = edit.addNode(graph, definition('KSampler'), [0, 0]);
    return edit.insertIntoLink(more, middle(graph), id);
  },
  reroute: (graph) => edit.addReroute(graph, middle(graph), [5, 5]),
  dropReroutes: (graph) => edit.removeReroutes(graph, graph.reroutes.keys()),
  groupAround: (graph) => edit.groupAround(graph, every(graph), 'all'),
  distribute: (graph) => edit.distribute(graph, every(graph), 'vertical'),
  subgraph: (graph) => toSubgraph(graph, half(graph), 'half'),
  unpack: (graph) => {
    const { graph: inner, id } = toSubgraph(graph, half(graph), 'half');
    return unpacked(inner, id ?? '');
  },
  paste: (graph) => pasted(graph, definitions, copied(graph, every(graph)), [0, 0], true),
  duplicate: (graph) => duplicated(graph, every(graph)),
  find: (graph) => find(graph, definitions, 'sampler 20'),
  links: (graph) => every(graph).map((id) => [linkInto(graph, id, 8), linksFrom(graph, id, 0)]),
  whyNot: (graph) => every(graph).map((id) => whyNot(graph, edit.outputOf('1', 0), edit.inputOf(id, 8))),
};

function seconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

const TIMES = 30;
const limit = (before: number) => Math.max(24 * before, 0.05);

/** Eight times the nodes: 8 for what is linear, 64 for what is quadratic. One quiet moment among many is enough. */
describe('the time of every edit grows with the nodes, not with their square', () => {
  for (const [name, change] of Object.entries(EDITS)) {
    it(name, () => {
      const [small, large] = [chain(500), chain(4000)];
      let [before, after] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let time = 0; time < TIMES && (time === 0 || after > limit(before)); time += 1) {
        before = Math.min(
          before,
          seconds(() => change({ ...small })),
        );
        after = Math.min(
          after,
          seconds(() => change({ ...large })),
        );
      }
      expect(after).toBeLessThanOrEqual(limit(before));
    }, 60_000);
  }
});

describe('layouts', () => {
  it('manage graphs of any size and depth', () => {
    for (const count of [20, 140, 1000]) {
      const graph = chain(count);
      const start = performance.now();
      const { nodes, links } = edit.arrange(graph, definitions);
      expect(performance.now() - start).toBeLessThan(4000);
      for (const { source, target } of links.values()) {
        expect(nodes.get(source)?.pos[0] ?? 0).toBeLessThan(nodes.get(target)?.pos[0] ?? 0);
      }
    }
  }, 60_000);
});
