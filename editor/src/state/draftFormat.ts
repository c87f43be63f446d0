/** What a draft is: the open documents as files are written, with what a file does not say. */

import * as v from 'valibot';
import type { Definitions } from '../model/definition';
import { parseJson, stringifyJson } from '../model/json';
import { readWorkflow, writeWorkflow } from '../model/serialize';
import { EMPTY_GRAPH, type Graph } from '../model/types';
import { withLivingPath } from './documentChanges';
import { type Document, type DocumentsState, NOTHING_SELECTED } from './documents';

const viewSchema = v.nullable(v.object({ x: v.number(), y: v.number(), zoom: v.number() }));
const documentSchema = v.object({
  id: v.string(),
  name: v.string(),
  file: v.nullable(v.string()),
  text: v.string(),
  isDirty: v.boolean(),
  view: v.fallback(viewSchema, null),
  path: v.fallback(v.array(v.string()), []),
  outerViews: v.fallback(v.array(viewSchema), []),
});
const draftSchema = v.object({
  mark: v.string(),
  at: v.number(),
  active: v.string(),
  documents: v.array(documentSchema),
});
export type Draft = v.InferOutput<typeof draftSchema>;
type DraftDocument = Draft['documents'][number];

/** Graphs that were not changed are not written as text again. */
const texts = new WeakMap<Graph, { readonly definitions: Definitions; readonly text: string }>();

export function readDraft(value: unknown): Draft | null {
  const found = v.safeParse(draftSchema, value);
  return found.success ? found.output : null;
}

export function draftOf(state: DocumentsState, definitions: Definitions, mark: string): Draft {
  const documents = state.documents.map((document): DraftDocument => {
    const { id, name, file, graph, view, path, outerViews } = document;
    const text = textOf(graph, definitions);
    const isDirty = graph !== document.saved;
    return { id, name, file, text, isDirty, view, path: [...path], outerViews: [...outerViews] };
  });
  return { mark, at: Date.now(), active: state.active, documents };
}

function textOf(graph: Graph, definitions: Definitions): string {
  const known = texts.get(graph);
  if (known?.definitions === definitions) return known.text;
  const text = stringifyJson(writeWorkflow(graph, definitions));
  texts.set(graph, { definitions, text });
  return text;
}

/** The documents of a draft; one that cannot be read is left out. */
export function documentsOf(draft: Draft, definitions: Definitions): readonly Document[] {
  return draft.documents.flatMap((document) => {
    const graph = graphOf(document.text, definitions);
    return graph === null ? [] : [restored(document, graph)];
  });
}

function graphOf(text: string, definitions: Definitions): Graph | null {
  try {
    return readWorkflow(parseJson(text), definitions);
  } catch {
    return null;
  }
}

function restored(document: DraftDocument, graph: Graph): Document {
  const { id, name, file, view, path, outerViews } = document;
  return withLivingPath({
    id,
    name,
    file,
    graph,
    selection: NOTHING_SELECTED,
    view,
    path,
    outerViews,
    past: [],
    future: [],
    saved: document.isDirty ? EMPTY_GRAPH : graph,
  });
}
