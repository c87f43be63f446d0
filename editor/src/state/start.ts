/** Everything that happens when the page is loaded: the server is heard, and what was open is open again. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { SocketEvent } from '../api/frames';
import { Socket, type SocketStatus } from '../api/socket';
import { graphFromPrompt, isPrompt } from '../model/apiFormat';
import type { Definitions } from '../model/definition';
import { FormatError } from '../model/formatError';
import { isWorkflow, readWorkflow } from '../model/serialize';
import { spokenTemplate } from '../model/spoken';
import type { Graph, Json } from '../model/types';
import { setSocket, useConnection } from './connection';
import { useDefinitions } from './definitions';
import { useDocuments } from './documents';
import { keepDrafts, knownDrafts, restoreDraft } from './drafts';
import { useQueue } from './queue';
import { rereadDocuments } from './rereading';
import { catchUpRuns, forgetClosed, runListener, useRuns } from './runs';
import { claimWindow } from './windows';

/** What somebody sees who has opened nothing yet. */
const FIRST_TEMPLATE = 'text_to_image';
const QUEUE_MILLISECONDS = 200;
const NODES_CHANGED = 'nodes_changed';

export interface StartOptions {
  /** A socket of another kind, for tests. */
  readonly connect?: ConstructorParameters<typeof Socket>[0]['connect'];
}

/** Resolves when the first document is shown; where the server cannot be reached, as soon as it can. */
export async function start(options: StartOptions = {}): Promise<void> {
  const { id, draftOf } = await claimWindow(await knownDrafts());
  listen(id, options);
  const definitions = await definitionsThere();
  const isRestored = await restoreDraft(id, draftOf, definitions);
  if (!isRestored) await openTemplate(definitions);
  rereadDocuments();
  keepDrafts();
  forgetWhatIsClosed();
  await Promise.all([useRuns.getState().resume(), useQueue.getState().refresh()]);
}

// The socket

function listen(clientId: string, options: StartOptions): void {
  let wasLost = false;
  const onStatus = (status: SocketStatus, retryAt: number | null): void => {
    if (status === 'closed') return;
    useConnection.setState({ status, retryAt });
    if (status === 'lost') wasLost = true;
    if (status !== 'connected' || !wasLost) return;
    wasLost = false;
    regained();
  };
  const socket = new Socket({
    clientId,
    onEvent: hear,
    onStatus,
    ...(options.connect ? { connect: options.connect } : {}),
  });
  setSocket(socket, clientId);
  socket.open();
}

function hear(event: SocketEvent): void {
  runListener.hear(event);
  if (event.kind === 'other' && event.type === NODES_CHANGED) void nodesChanged();
  if (event.kind !== 'status' || event.remaining === null) return;
  useConnection.setState({ remaining: event.remaining });
  refreshSoon();
}

let refreshing: ReturnType<typeof setTimeout> | null = null;

/** The queue changes often while many short runs go through it. */
function refreshSoon(): void {
  if (refreshing !== null) return;
  refreshing = setTimeout(() => {
    refreshing = null;
    void useQueue.getState().refresh();
  }, QUEUE_MILLISECONDS);
}

/** Packs were read anew, or a worker came back with others. */
async function nodesChanged(): Promise<void> {
  const [{ hearOfPacks }] = await Promise.all([import('./packNews'), useDefinitions.getState().refresh()]);
  await hearOfPacks();
  await (await import('../extensions/start')).findNewExtensions();
}

/** The server may be another one now: everything is asked for again. */
function regained(): void {
  void useDefinitions.getState().refresh();
  void useQueue.getState().refresh();
  void catchUpRuns();
  void import('./packNews').then(({ askForPacks }) => askForPacks());
}

// What is open

/** The definitions as soon as there are any; without them no file can be read as it is meant. */
async function definitionsThere(): Promise<Definitions> {
  await useDefinitions.getState().load();
  const { status, definitions } = useDefinitions.getState();
  if (status === 'ready') return definitions;
  return new Promise((resolve) => {
    const end = useDefinitions.subscribe((state) => {
      if (state.status !== 'ready') return;
      end();
      resolve(state.definitions);
    });
  });
}

async function openTemplate(definitions: Definitions): Promise<void> {
  try {
    const data = await api().getJson(`v1/templates/${FIRST_TEMPLATE}`);
    const graph = graphOf(spokenTemplate(data, useDefinitions.getState().words), definitions);
    const isUntouched = useDocuments
      .getState()
      .documents.every(({ past, file }) => past.length === 0 && file === null);
    if (graph !== null && isUntouched) useDocuments.getState().open('', graph);
  } catch (error) {
    // Then the first document is an empty one.
    if (!(error instanceof ApiError || error instanceof FormatError)) throw error;
  }
}

function graphOf(data: Json, definitions: Definitions): Graph | null {
  if (isWorkflow(data)) return readWorkflow(data, definitions);
  return isPrompt(data) ? graphFromPrompt(data, definitions) : null;
}

function forgetWhatIsClosed(): void {
  useDocuments.subscribe((state, before) => {
    if (state.documents.length >= before.documents.length) return;
    forgetClosed(new Set(state.documents.map(({ id }) => id)));
  });
}
