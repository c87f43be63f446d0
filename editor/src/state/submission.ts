/** Hands workflows in: seeds first, so that what is shown is what runs, then the prompt, then what the server says. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { newId } from '../api/ids';
import type { PromptAnswer, PromptRequest } from '../api/words';
import type { Definitions } from '../model/definition';
import { toPrompt } from '../model/prompt';
import { writeWorkflow } from '../model/serialize';
import { EMPTY_GRAPH, type Graph, type JsonObject, type NodeId } from '../model/types';
import { type Check, checked, hold, letGo, trust } from './checks';
import { useConnection } from './connection';
import { useDefinitions } from './definitions';
import { activeDocument, type Document, useDocuments } from './documents';
import { executionId, problemsOfNodes, problemsOfRefusal } from './problems';
import { withMoreProblems, withoutRun, withProblemsOf, withSubmitted } from './runChanges';
import { rememberRun } from './runDocuments';
import { newRun } from './runProgress';
import type { Origins, Problem, RunStore, SubmitOptions, Submitted } from './runTypes';
import { type NextSeeds, rememberSeeds, type Used, withNextSeeds, withSeedsAsTheyAre } from './seedsUsed';
import { useSettings } from './settings';

export const MOST_AT_ONCE = 1000;
/** A request that got no answer is sent again: under its own id that is the same run. */
const WAITS_MILLISECONDS = [500, 2000] as const;

/** Runs that the server has not answered for yet. */
const unanswered = new Set<string>();

export function isAnswered(run: string): boolean {
  return !unanswered.has(run);
}

/** The seeds of a run follow from those of the one before, so that one is handed in after the other. */
let before: Promise<unknown> = Promise.resolve();

export function submitActive(store: RunStore, options: SubmitOptions): Promise<Submitted> {
  const { active } = useDocuments.getState();
  const mine = before.then(() => submitNext(store, { document: active, ...options }));
  before = mine.catch(() => undefined);
  return mine;
}

async function submitNext(store: RunStore, options: SubmitOptions): Promise<Submitted> {
  const { documents } = useDocuments.getState();
  const document = documents.find(({ id }) => id === options.document) ?? activeDocument();
  letGo(document.id);
  store.setState((state) => ({ submitting: true, ...withProblemsOf(state, document.id, []) }));
  try {
    return await submitSeveral(store, document, options);
  } finally {
    store.setState({ submitting: false });
  }
}

async function submitSeveral(
  store: RunStore,
  document: Document,
  options: SubmitOptions,
): Promise<Submitted> {
  await useDefinitions.getState().load();
  const { status, problem } = useDefinitions.getState();
  if (status !== 'ready' && problem !== null) return refused(store, document, [], problem, new Map());
  const check = await checkedTwice(document, options);
  if (check.isHopeless && options.unchecked !== true) {
    hold(document.id, options);
    store.setState((state) => withMoreProblems(state, document.id, check.problems));
    return { ids: [], problems: check.problems };
  }
  return sendSeveral(store, document, options, check);
}

/** What the editor finds wrong; before that counts, the server is asked again for what there is. */
async function checkedTwice({ id, path }: Document, options: SubmitOptions): Promise<Check> {
  const check = (): Check => {
    const { documents } = useDocuments.getState();
    const graph = documents.find((each) => each.id === id)?.graph ?? EMPTY_GRAPH;
    const wanted = (prompt: JsonObject) => options.targets && targetsIn(prompt, path, options.targets);
    return checked(graph, useDefinitions.getState().definitions, (prompt) => wanted(prompt) ?? null);
  };
  const first = check();
  if (!first.isHopeless || options.unchecked === true) return first;
  await useDefinitions.getState().refresh();
  return check();
}

async function sendSeveral(
  store: RunStore,
  document: Document,
  options: SubmitOptions,
  check: Check,
): Promise<Submitted> {
  const { definitions } = useDefinitions.getState();
  const ids: string[] = [];
  const problems: Problem[] = [];
  const count = Math.min(MOST_AT_ONCE, Math.max(1, Math.trunc(options.count ?? 1)));
  for (let index = 0; index < count; index += 1) {
    const next = nextGraph(document.id, definitions);
    if (next === null) break;
    const handed = handedIn(document, next.graph, definitions, options);
    try {
      const answer = await send(store, document, handed);
      ids.push(answer.prompt_id);
      problems.push(...problemsOfNodes(answer.node_errors, handed.origins));
      if (options.unchecked === true && problems.length === 0) trust(check.findings);
      ranWith(document.id, next.used, definitions);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return refused(store, document, ids, error, handed.origins);
    }
  }
  store.setState((state) => withMoreProblems(state, document.id, problems));
  return { ids, problems };
}

function refused(
  store: RunStore,
  document: Document,
  ids: readonly string[],
  error: ApiError,
  origins: Origins,
): Submitted {
  const problems = problemsOfRefusal(error, origins);
  store.setState((state) => withMoreProblems(state, document.id, problems));
  return { ids, problems };
}

function openDocuments(): ReadonlySet<string> {
  return new Set(useDocuments.getState().documents.map(({ id }) => id));
}

/** The graph with the seeds that this run uses, which the document shows from now on; null for one that was closed. */
function nextGraph(id: string, definitions: Definitions): NextSeeds | null {
  const { documents, adjust } = useDocuments.getState();
  const document = documents.find((each) => each.id === id);
  if (document === undefined) return null;
  if (useSettings.getState().seeds === 'after') return withSeedsAsTheyAre(document.graph, definitions);
  const next = withNextSeeds(id, document.graph, definitions);
  adjust(id, () => next.graph);
  return next;
}

/** The server has taken a run: its seeds are known as used, and followed by others where that is to be seen at once. */
function ranWith(id: string, used: Used, definitions: Definitions): void {
  rememberSeeds(id, used, openDocuments());
  if (useSettings.getState().seeds === 'before') return;
  useDocuments.getState().adjust(id, (graph) => withNextSeeds(id, graph, definitions, used).graph);
}

interface HandedIn {
  readonly request: PromptRequest & { readonly prompt_id: string };
  readonly origins: Origins;
  readonly total: number;
}

function handedIn(
  document: Document,
  graph: Graph,
  definitions: Definitions,
  options: SubmitOptions,
): HandedIn {
  const { prompt, origins } = toPrompt(graph, definitions);
  const targets = options.targets && targetsIn(prompt, document.path, options.targets);
  const request = {
    prompt,
    prompt_id: newId(),
    client_id: useConnection.getState().clientId,
    extra_data: {
      extra_pnginfo: { workflow: writeWorkflow(graph, definitions) },
      editor: { document: document.id, name: document.name },
    },
    ...(options.front ? { front: true } : {}),
    ...(targets ? { partial_execution_targets: targets } : {}),
  };
  return { request, origins, total: neededNodes(prompt, targets ?? terminalsOf(prompt, definitions)) };
}

/** Nodes of the open level as those of the prompt; of a subgraph all that lie in it. */
function targetsIn(prompt: JsonObject, path: readonly NodeId[], nodes: readonly NodeId[]): readonly string[] {
  const wanted = nodes.map((node) => executionId(path, node));
  return Object.keys(prompt).filter((id) => wanted.some((each) => id === each || id.startsWith(`${each}:`)));
}

/** The nodes of a prompt that save or show something. */
export function terminalsOf(prompt: JsonObject, definitions: Definitions): readonly string[] {
  return Object.keys(prompt).filter((id) => {
    const type = stepOf(prompt, id)?.class_type;
    return typeof type === 'string' && definitions.get(type)?.terminal === true;
  });
}

function stepOf(prompt: JsonObject, id: string): JsonObject | null {
  return asObject(prompt[id]);
}

function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** How many nodes of a prompt these need, themselves included. */
export function neededNodes(prompt: JsonObject, targets: readonly string[]): number {
  const found = new Set<string>();
  const open = [...targets];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = found.has(id) ? null : stepOf(prompt, id);
    if (step === null) continue;
    found.add(id);
    for (const input of Object.values(asObject(step.inputs) ?? {})) {
      if (Array.isArray(input) && input.length === 2) open.push(String(input[0]));
    }
  }
  return found.size;
}

async function send(
  store: RunStore,
  document: Document,
  { request, origins, total }: HandedIn,
): Promise<PromptAnswer> {
  const id = request.prompt_id;
  // What is told of a run may come before the answer.
  rememberRun(id, document.id);
  unanswered.add(id);
  store.setState((state) => withSubmitted(state, newRun(id, document.id, { origins, total })));
  try {
    return await sentPatiently(request);
  } catch (error) {
    store.setState((state) => withoutRun(state, id));
    throw error;
  } finally {
    unanswered.delete(id);
  }
}

async function sentPatiently(request: PromptRequest): Promise<PromptAnswer> {
  for (const wait of WAITS_MILLISECONDS) {
    try {
      return await api().prompt(request);
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== 'offline') throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return api().prompt(request);
}
