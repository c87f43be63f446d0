/** Goes to the nodes that something is wrong with, one after the other. */

import { canvas } from '../canvas/controls';
import type { NodeId } from '../model/types';
import { activeDocument, useDocuments } from '../state/documents';
import { type Problem, useRuns } from '../state/runs';

let last: Problem | null = null;

/** Opens the level a node is on, selects it and brings it into view. */
export function goTo(path: readonly NodeId[], node: NodeId): void {
  const { leave, enter, select } = useDocuments.getState();
  const open = activeDocument().path;
  if (open.join(':') !== path.join(':')) {
    leave(0);
    for (const instance of path) enter(instance);
  }
  select({ nodes: new Set([node]) });
  // The canvas shows another level only after it was drawn.
  requestAnimationFrame(() => canvas().focusNode(node));
}

export function showProblem(problem: Problem): void {
  last = problem;
  if (problem.origin !== null) goTo(problem.origin.path, problem.origin.node);
}

/** False: there is none. */
export function nextProblem(): boolean {
  const all = useRuns.getState().problems.get(activeDocument().id) ?? [];
  const placed = all.filter((problem) => problem.origin !== null);
  const next = placed[(last === null ? -1 : placed.indexOf(last)) + 1] ?? placed[0];
  if (next === undefined) return false;
  showProblem(next);
  return true;
}
