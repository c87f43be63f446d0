/** What the actions of `documents.ts` do: functions from documents to documents. */

import { newId } from '../api/ids';
import { atPath, insideOf } from '../model/graph';
import { EMPTY_GRAPH, type Graph, type NodeId } from '../model/types';
import type { Document, DocumentsState, EditOptions, Selection, Step, View } from './documents';

export const MOST_STEPS = 300;
const MERGE_MILLISECONDS = 500;

export function fresh(name: string, graph: Graph, file: string | null): Document {
  return {
    id: newId(),
    name,
    file,
    graph,
    selection: selectionOf({}),
    view: null,
    path: [],
    outerViews: [],
    past: [],
    future: [],
    saved: graph,
  };
}

function selectionOf(parts: Partial<Selection>): Selection {
  return {
    nodes: parts.nodes ?? new Set(),
    links: parts.links ?? new Set(),
    groups: parts.groups ?? new Set(),
  };
}

export function updated(
  state: DocumentsState,
  id: string,
  next: (document: Document) => Document,
): Partial<DocumentsState> {
  const index = state.documents.findIndex((document) => document.id === id);
  const document = state.documents[index];
  if (document === undefined) return state;
  const changed = next(document);
  return changed === document ? state : { documents: state.documents.with(index, changed) };
}

// Tabs

export function withOpened(state: DocumentsState, opened: Document): DocumentsState {
  const index = state.documents.findIndex((document) => document.id === state.active);
  const active = state.documents[index];
  const documents =
    active !== undefined && isUntouched(active)
      ? state.documents.with(index, opened)
      : state.documents.toSpliced(index + 1, 0, opened);
  return { documents, active: opened.id };
}

/** An empty tab in which nothing was ever done. */
export function isUntouched(document: Document): boolean {
  return (
    document.file === null &&
    document.graph === document.saved &&
    document.graph.nodes.size === 0 &&
    document.graph.groups.length === 0 &&
    document.past.length === 0 &&
    document.future.length === 0
  );
}

export function closed(state: DocumentsState, id: string): DocumentsState {
  const index = state.documents.findIndex((document) => document.id === id);
  if (index < 0) return state;
  const left = state.documents.toSpliced(index, 1);
  const documents = left.length > 0 ? left : [fresh('', EMPTY_GRAPH, null)];
  const beside = documents[Math.min(index, documents.length - 1)];
  return { documents, active: state.active === id && beside ? beside.id : state.active };
}

// Edits and their history

/** The last edit that a following one may be merged with. */
let latest: { readonly graph: Graph; readonly merge: string; readonly at: number } | null = null;

export function edited(
  document: Document,
  label: string,
  edit: (inner: Graph) => Graph,
  options: EditOptions,
): Document {
  const graph = changedInside(document, edit);
  if (graph === document.graph) return options.select ? selecting(document, options.select) : document;
  const { merge } = options;
  const isMerged = merge !== undefined && mayMerge(document.graph, merge);
  latest = merge === undefined ? null : { graph, merge, at: Date.now() };
  const step: Step = { graph: document.graph, selection: document.selection, label };
  const past =
    isMerged && document.past.length > 0 ? document.past : [...document.past, step].slice(-MOST_STEPS);
  const selection = options.select ? selectionOf(options.select) : document.selection;
  return withLivingSelection({ ...document, graph, past, future: [], selection });
}

function mayMerge(graph: Graph, merge: string): boolean {
  return (
    latest !== null &&
    latest.graph === graph &&
    latest.merge === merge &&
    Date.now() - latest.at <= MERGE_MILLISECONDS
  );
}

/** The whole graph with its open level changed; the same object where nothing was. */
function changedInside(document: Document, edit: (inner: Graph) => Graph): Graph {
  if (document.path.length === 0) return edit(document.graph);
  let isChanged = false;
  const graph = atPath(document.graph, document.path, (inner) => {
    const next = edit(inner);
    isChanged = next !== inner;
    return next;
  });
  return isChanged ? graph : document.graph;
}

/** A change that is no step: what was undone can still be redone. */
export function adjusted(document: Document, adjust: (graph: Graph) => Graph): Document {
  const graph = adjust(document.graph);
  return graph === document.graph ? document : withLivingSelection({ ...document, graph });
}

export function undone(document: Document): Document {
  const step = document.past.at(-1);
  if (step === undefined) return document;
  const future = [...document.future, { ...step, graph: document.graph, selection: document.selection }];
  return stepped({ ...document, past: document.past.slice(0, -1), future }, step);
}

export function redone(document: Document): Document {
  const step = document.future.at(-1);
  if (step === undefined) return document;
  const past = [...document.past, { ...step, graph: document.graph, selection: document.selection }];
  return stepped({ ...document, past, future: document.future.slice(0, -1) }, step);
}

function stepped(document: Document, step: Step): Document {
  latest = null;
  const { graph, selection } = step;
  return withLivingSelection(withLivingPath({ ...document, graph, selection }));
}

/** Goes out of a subgraph that is no longer there. */
export function withLivingPath(document: Document): Document {
  let depth = document.path.length;
  while (depth > 0 && insideOf(document.graph, document.path.slice(0, depth)) === null) depth -= 1;
  return left(document, depth);
}

// Selection and view

/** Without what is no longer there. */
function withLivingSelection(document: Document): Document {
  const inner = insideOf(document.graph, document.path);
  if (inner === null) return withLivingPath(document);
  const { nodes, links, groups } = document.selection;
  const known = groups.size > 0 ? new Set(inner.groups.map((group) => group.id)) : groups;
  const living: Selection = {
    nodes: kept(nodes, (id) => inner.nodes.has(id)),
    links: kept(links, (id) => inner.links.has(id)),
    groups: kept(groups, (id) => known.has(id)),
  };
  return isSame(living, document.selection) ? document : { ...document, selection: living };
}

function kept<T>(set: ReadonlySet<T>, isKept: (each: T) => boolean): ReadonlySet<T> {
  for (const each of set) if (!isKept(each)) return new Set([...set].filter(isKept));
  return set;
}

function isSame(one: Selection, other: Selection): boolean {
  return (
    sameSet(one.nodes, other.nodes) && sameSet(one.links, other.links) && sameSet(one.groups, other.groups)
  );
}

function sameSet<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const each of one) if (!other.has(each)) return false;
  return true;
}

export function selecting(document: Document, parts: Partial<Selection>): Document {
  const next = selectionOf(parts);
  if (isSame(next, document.selection)) return document;
  const { nodes, links, groups } = document.selection;
  const selection: Selection = {
    nodes: sameSet(next.nodes, nodes) ? nodes : next.nodes,
    links: sameSet(next.links, links) ? links : next.links,
    groups: sameSet(next.groups, groups) ? groups : next.groups,
  };
  return { ...document, selection };
}

export function viewing(document: Document, view: View | null): Document {
  const now = document.view;
  const isSameView =
    view === now || (view && now && view.x === now.x && view.y === now.y && view.zoom === now.zoom);
  return isSameView ? document : { ...document, view };
}

export function entered(document: Document, node: NodeId): Document {
  const path = [...document.path, node];
  if (insideOf(document.graph, path) === null) return document;
  return {
    ...document,
    path,
    view: null,
    outerViews: [...outerViewsOf(document), document.view],
    selection: selectionOf({}),
  };
}

export function left(document: Document, depth: number): Document {
  const from = document.path.length;
  const wanted = Math.max(0, Math.trunc(depth));
  if (wanted >= from) return document;
  const views = outerViewsOf(document);
  const instance = document.path[wanted];
  return {
    ...document,
    path: document.path.slice(0, wanted),
    view: views[wanted] ?? null,
    outerViews: views.slice(0, wanted),
    selection: selectionOf(instance === undefined ? {} : { nodes: new Set([instance]) }),
  };
}

/** One view for each level around the open one. */
function outerViewsOf(document: Document): readonly (View | null)[] {
  return document.path.map((_, index) => document.outerViews[index] ?? null);
}
