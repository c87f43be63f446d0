/** How long each node of a run took, for a list: the longest first. */

import type { Definitions } from '../model/definition';
import { insideOf } from '../model/graph';
import { definitionOf } from '../model/instances';
import type { Graph } from '../model/types';
import { originOf } from '../state/problems';
import type { Origin, Run } from '../state/runTypes';

export interface NodeTime {
  readonly id: string;
  readonly title: string;
  readonly origin: Origin | null;
  readonly seconds: number;
  /** Of the longest one, from 0 to 1. */
  readonly part: number;
}

export interface RunTimes {
  readonly nodes: readonly NodeTime[];
  /** How many had their results already. */
  readonly cached: number;
  /** From its begin to its end. */
  readonly milliseconds: number;
}

export function timesOf(run: Run, graph: Graph, definitions: Definitions): RunTimes {
  const ran = [...run.nodes].flatMap(([id, { seconds }]) =>
    seconds === null ? [] : [[id, seconds] as const],
  );
  const longest = Math.max(...ran.map(([, seconds]) => seconds), Number.MIN_VALUE);
  const nodes = ran
    .map(([id, seconds]) => {
      const origin = originOf(id, run.origins);
      return {
        id,
        origin,
        title: titleOf(origin, graph, definitions) ?? id,
        seconds,
        part: seconds / longest,
      };
    })
    .sort((one, other) => other.seconds - one.seconds);
  const cached = [...run.nodes.values()].filter(({ state }) => state === 'cached').length;
  return { nodes, cached, milliseconds: Math.max(0, (run.endedAt ?? 0) - (run.startedAt ?? 0)) };
}

/** Null for a node that is not there any more. */
function titleOf(origin: Origin | null, graph: Graph, definitions: Definitions): string | null {
  const inner = origin && insideOf(graph, origin.path);
  const node = origin && inner?.nodes.get(origin.node);
  if (!inner || !node) return null;
  return node.title ?? (definitionOf(inner, node, definitions)?.displayName || node.type);
}
