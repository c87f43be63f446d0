/** How the nodes of the open level fare, for what is painted rather than mounted. */

import type { NodeId } from '../model/types';
import { activeDocument } from '../state/documents';
import { type NodeState, useRuns } from '../state/runs';

const ORDER: readonly NodeState[] = ['waiting', 'cached', 'done', 'running', 'failed'];

/** Of a subgraph: what matters most of all that lies in it. */
export function nodeStates(): ReadonlyMap<NodeId, NodeState> {
  const { id, path } = activeDocument();
  const { runs, shown } = useRuns.getState();
  const run = runs.get(shown.get(id) ?? '');
  const states = new Map<NodeId, NodeState>();
  if (run === undefined) return states;
  const prefix = path.map((instance) => `${instance}:`).join('');
  for (const [execution, { state }] of run.nodes) {
    if (!execution.startsWith(prefix)) continue;
    const [node = ''] = execution.slice(prefix.length).split(':');
    const before = states.get(node);
    if (before === undefined || ORDER.indexOf(state) > ORDER.indexOf(before)) states.set(node, state);
  }
  return states;
}
