/** What the server says is wrong, by node and input of the document. */

import { remedyOf, sentenceOf, textIn } from '../api/answers';
import type { ApiError } from '../api/errors';
import type { Failure } from '../api/runEvents';
import type { ErrorEntry, NodeErrors } from '../api/words';
import type { JsonObject, NodeId } from '../model/types';
import type { Origin, Origins, Problem } from './runTypes';

/** The path and the id of a node, joined. */
export function executionId(path: readonly NodeId[], node: NodeId): string {
  return [...path, node].join(':');
}

/** Where a node of a run stands; without a word on that, its id says it. */
export function originOf(id: string, origins: Origins): Origin | null {
  const known = origins.get(id);
  if (known !== undefined) return known;
  const parts = id.split(':');
  const node = parts.pop();
  return node === undefined || node === '' ? null : { path: parts, node };
}

/** Why a workflow was refused: by node and input where the server said so, else one for the workflow as a whole. */
export function problemsOfRefusal(error: ApiError, origins: Origins): readonly Problem[] {
  const named = problemsOfNodes(error.nodeErrors, origins);
  const { entry } = error;
  if (entry === null) return [...named, wholeProblem(error, null)];
  const ringed = problemsOfRings(entry, origins);
  const node = textIn(entry.extra_info, 'node_id');
  if (node !== '') return [wholeProblem(error, originOf(node, origins)), ...named];
  // "Prompt outputs failed validation" says nothing that its nodes do not say better.
  return named.length + ringed.length > 0 ? [...ringed, ...named] : [wholeProblem(error, null)];
}

export function problemsOfNodes(errors: NodeErrors, origins: Origins): readonly Problem[] {
  return Object.entries(errors).flatMap(([id, { errors: entries }]) =>
    entries.map((entry) => problemOfEntry(entry, originOf(id, origins))),
  );
}

function problemOfEntry(entry: ErrorEntry, origin: Origin | null): Problem {
  const input = textIn(entry.extra_info, 'input_name');
  return {
    code: entry.type,
    origin,
    input: input === '' ? null : input,
    sentence: sentenceOf(entry),
    remedy: remedyOf(entry),
    traceback: [],
  };
}

function wholeProblem(error: ApiError, origin: Origin | null): Problem {
  const { code, message, remedy } = error;
  return { code, origin, input: null, sentence: message, remedy, traceback: [] };
}

/** Nodes that wait for each other: every one of them is marked. */
function problemsOfRings(entry: ErrorEntry, origins: Origins): readonly Problem[] {
  const rings = entry.extra_info?.rings;
  if (!Array.isArray(rings)) return [];
  const nodes = new Set(rings.flat().filter((id) => typeof id === 'string'));
  return [...nodes].map((id) => problemOfEntry(entry, originOf(id, origins)));
}

/** Why a run failed. */
export function problemsOfFailure(failure: Failure, origins: Origins): readonly Problem[] {
  if (failure.problems.length > 0) return failure.problems.map((each) => problemOfWorker(each, origins));
  const { node, type, message, traceback } = failure;
  const origin = node === '' ? null : originOf(node, origins);
  return [{ code: type, origin, input: null, sentence: message || type, remedy: '', traceback }];
}

function problemOfWorker(problem: JsonObject, origins: Origins): Problem {
  const [node, input] = [textIn(problem, 'node'), textIn(problem, 'input')];
  return {
    code: textIn(problem, 'code'),
    origin: node === '' ? null : originOf(node, origins),
    input: input === '' ? null : input,
    sentence: textIn(problem, 'message'),
    remedy: textIn(problem, 'remedy'),
    traceback: [],
  };
}

/** Both lists, the same thing said only once. */
export function withProblems(known: readonly Problem[], more: readonly Problem[]): readonly Problem[] {
  const all = new Map([...known, ...more].map((problem) => [keyOf(problem), problem]));
  return all.size === known.length ? known : [...all.values()];
}

function keyOf({ code, origin, input, sentence }: Problem): string {
  return JSON.stringify([code, origin && executionId(origin.path, origin.node), input, sentence]);
}
