/** The kinds of nodes that the server knows. */

import { create } from 'zustand';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { Definitions, NodeDefinition } from '../model/definition';
import { stringifyJson } from '../model/json';
import { NO_PACK_WORDS, type PackWords } from '../model/packWords';
import { readDefinitions } from '../model/schema';
import { NO_WORDS, spoken, type Words } from '../model/spoken';
import type { JsonObject } from '../model/types';
import { type ForeignWidgets, foreignWidgets } from './foreignWidgets';

export interface DefinitionsState {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed';
  readonly definitions: Definitions;
  readonly problem: ApiError | null;
  /** In which words nodes are shown. */
  readonly words: Words;
  /** What packs say of their nodes in that language. */
  readonly packWords: PackWords;
  /** Show them in these words from now on. */
  speak(words: Words, packWords?: PackWords): void;
  /** Ask for them unless they are there or on their way. */
  load(): Promise<void>;
  /** Ask again, as new models and nodes may be there; what did not change stays the same object. An answer that is on
   * its way may be older than the reason to ask, so it is waited for first. */
  refresh(): Promise<void>;
  /** Read what the server said once more, as extensions have controls for other types now. */
  reread(): void;
}

/** A server that has just begun says for a while that its workers are not ready yet. */
const MOST_ATTEMPTS = 60;
const USUAL_WAIT_SECONDS = 2;

let asking: Promise<void> | null = null;
let said: JsonObject = {};
/** As the server tells them, whatever the words they are shown in. */
let plain: Definitions = new Map();
/** What the server said of each kind, to see what changed. */
let known: ReadonlyMap<string, string> = new Map();

export const useDefinitions = create<DefinitionsState>()((set, get) => {
  const ask = async (): Promise<void> => {
    if (get().status !== 'ready') set({ status: 'loading', problem: null });
    try {
      said = await patientlyAsked();
      set((state) => ({ status: 'ready', problem: null, definitions: told(state) }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      set((state) => ({ status: state.status === 'ready' ? 'ready' : 'failed', problem: error }));
    }
  };
  const askOnce = (): Promise<void> => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
  return {
    status: 'idle',
    definitions: new Map(),
    problem: null,
    words: NO_WORDS,
    packWords: NO_PACK_WORDS,
    speak: (words, packWords = NO_PACK_WORDS) =>
      set((state) =>
        state.words === words && state.packWords === packWords
          ? {}
          : { words, packWords, definitions: spoken(plain, words, packWords) },
      ),
    load: async () => (get().status === 'ready' ? undefined : askOnce()),
    refresh: () => (asking === null ? askOnce() : asking.then(askOnce)),
    reread: () => set((state) => (state.status === 'ready' ? { definitions: told(state) } : state)),
  };
});

/** What the server said last, in the words that are shown now; the same object where nothing is new. */
function told(state: DefinitionsState): Definitions {
  const next = shared(said, plain);
  const isSame = next === plain && state.status === 'ready';
  plain = next;
  return isSame ? state.definitions : spoken(plain, state.words, state.packWords);
}

async function patientlyAsked(): Promise<JsonObject> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await api().objectInfo();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || attempt >= MOST_ATTEMPTS) throw error;
      const seconds = error.retryAfter ?? USUAL_WAIT_SECONDS;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

/** The new definitions, with the old object of each kind of which the server says the same as before. */
function shared(info: JsonObject, before: Definitions): Definitions {
  const foreign = foreignWidgets();
  const texts = new Map(
    Object.entries(info).map(([id, about]) => [id, withMarks(stringifyJson(about), foreign)]),
  );
  const old = known;
  known = texts;
  const found = new Map<string, NodeDefinition>();
  for (const [id, definition] of readDefinitions(info, foreign)) {
    const isSame = old.has(id) && old.get(id) === texts.get(id);
    found.set(id, (isSame ? before.get(id) : undefined) ?? definition);
  }
  const isSameWhole = found.size === before.size && [...found].every(([id, each]) => before.get(id) === each);
  return isSameWhole ? before : found;
}

/** What is said of a kind together with what extensions make of its types. */
function withMarks(text: string, foreign: ForeignWidgets): string {
  const marks = [...foreign].filter(([type]) => text.includes(stringifyJson(type)));
  return marks.length === 0 ? text : text + marks.map(([type, { height }]) => `${type} ${height}`).join('\n');
}

export function definitionsNow(): Definitions {
  return useDefinitions.getState().definitions;
}
