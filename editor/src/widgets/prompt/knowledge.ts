/** What completions are made of: the embeddings of the server, and the prompts of the workflow and of recent runs. */

import { useEffect, useState } from 'react';
import { api } from '../../api/current';
import { ApiError } from '../../api/errors';
import { isObject, listIn, member, numberOf } from '../../model/access';
import type { Definitions } from '../../model/definition';
import { LORA_LOADER, lorasOf } from '../../model/insertLora';
import type { Embeddings } from '../../model/promptTokens';
import type { GraphNode, Json, JsonObject } from '../../model/types';
import { useDefinitions } from '../../state/definitions';
import { activeDocument, innerOf } from '../../state/documents';
import { type Knowledge, type Query, withoutTagAt } from './completion';
import { isPrompt } from './isPrompt';
import { usedIn } from './usedWords';

export interface Served {
  /** Null until the server has told them. */
  readonly embeddings: Embeddings | null;
  /** Prompts of runs, the newest first. */
  readonly earlier: readonly string[];
}

const RUNS = 20;
const NO_EMBEDDINGS: Embeddings = new Map();

/** What was served last is shown until the server has answered again. */
let last: Served = { embeddings: null, earlier: [] };

/** Asks the server once for each time that a prompt is worked on. */
export function useServed(): Served {
  const [served, setServed] = useState(last);
  useEffect(() => {
    let isShown = true;
    const add = (parts: Partial<Served>): void => {
      last = { ...last, ...parts };
      if (isShown) setServed(last);
    };
    void askedQuietly(embeddingsServed).then((embeddings) => embeddings && add({ embeddings }));
    void askedQuietly(earlierPrompts).then((earlier) => earlier && add({ earlier }));
    return () => {
      isShown = false;
    };
  }, []);
  return served;
}

/** Completions are a help: where the server does not answer there are fewer of them. */
async function askedQuietly<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** The names as prompts say them; sizes come from our own route, which other servers do not have. */
async function embeddingsServed(): Promise<Embeddings> {
  const [names, sizes] = await Promise.all([
    api().embeddings(),
    askedQuietly(() => api().getJson('v1/embeddings')),
  ]);
  const known = new Map(
    listIn(sizes ?? undefined, 'embeddings').map((each) => [
      member(each, 'name'),
      numberOf(member(each, 'vectors')),
    ]),
  );
  return new Map(names.map((name) => [name, known.get(name) ?? null]));
}

async function earlierPrompts(): Promise<readonly string[]> {
  const { definitions } = useDefinitions.getState();
  const entries = Object.values(await api().history(RUNS));
  return entries.flatMap(({ prompt }) =>
    Object.values<Json>(prompt?.prompt ?? {}).flatMap((step) =>
      isObject(step) ? textsOf(step, definitions) : [],
    ),
  );
}

function textsOf(step: JsonObject, definitions: Definitions): readonly string[] {
  const widgets = definitions.get(String(step.class_type))?.widgets ?? [];
  const prompts = widgets.filter((widget) => widget.multiline && widget.dynamicPrompts);
  return prompts.flatMap(({ name }) => {
    const value = member(member(step, 'inputs'), name);
    return typeof value === 'string' ? value : [];
  });
}

/** All that may complete what is typed now. */
export function knowledgeFor(
  field: { readonly node: GraphNode; readonly widget: string },
  text: string,
  query: Query,
  served: Served,
): Knowledge {
  const { definitions } = useDefinitions.getState();
  const embeddings = served.embeddings ?? NO_EMBEDDINGS;
  if (query.kind !== 'words') return { embeddings, loras: lorasOf(definitions.get(LORA_LOADER)), used: [] };
  const own = withoutTagAt(text, query);
  const prompts = [...promptsOf(definitions, field), own, ...new Set(served.earlier)];
  return { embeddings, loras: [], used: usedIn(prompts) };
}

/** The prompts of the workflow at all levels, without the field that is worked on. */
function* promptsOf(
  definitions: Definitions,
  field: { readonly node: GraphNode; readonly widget: string },
): Generator<string> {
  const document = activeDocument();
  const here = innerOf(document).nodes.get(field.node.id);
  const bodies = [document.graph, ...[...document.graph.subgraphs.values()].map(({ body }) => body)];
  for (const body of bodies) {
    for (const node of body.nodes.values()) {
      for (const widget of definitions.get(node.type)?.widgets ?? []) {
        const value = node.values.get(widget.name);
        if (typeof value !== 'string' || !isPrompt(node, widget)) continue;
        if (node !== here || widget.name !== field.widget) yield value;
      }
    }
  }
}
