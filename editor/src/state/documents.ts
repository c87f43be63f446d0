/**
 * Open workflows, one tab each, with their histories.
 *
 * A graph is a value, so a history is a list of graphs. What a run does is never part of it (`runs.ts`).
 * All actions are part of the store: `useDocuments.getState().edit(…)`. Edits, selections and views are those of the
 * active document, and of the subgraph that is open in it.
 */

import { create } from 'zustand';
import { insideOf } from '../model/graph';
import { EMPTY_GRAPH, type Graph, type GroupId, type LinkId, type NodeId } from '../model/types';
import * as change from './documentChanges';

export interface Selection {
  readonly nodes: ReadonlySet<NodeId>;
  readonly links: ReadonlySet<LinkId>;
  readonly groups: ReadonlySet<GroupId>;
}

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Step {
  readonly graph: Graph;
  readonly selection: Selection;
  /** The key of a sentence such as "moved 3 nodes", for the undo menu. */
  readonly label: string;
}

export interface Document {
  readonly id: string;
  readonly name: string;
  /** Where it is saved on the server (`workflows/a.json`), null for one that never was. */
  readonly file: string | null;
  readonly graph: Graph;
  readonly selection: Selection;
  /** Null until it was shown: the canvas then fits the whole graph. */
  readonly view: View | null;
  /** The subgraph that is open, as instance ids from the outside in; empty for the workflow itself. */
  readonly path: readonly NodeId[];
  /** The views of the levels around the open one, from the outside in. */
  readonly outerViews: readonly (View | null)[];
  /** The last step is undone first; its label names the edit that came after its graph. */
  readonly past: readonly Step[];
  /** The last step is redone first. */
  readonly future: readonly Step[];
  /** The graph as it was last saved; another one makes the tab dirty. */
  readonly saved: Graph;
}

export interface DocumentsState {
  /** Never empty. */
  readonly documents: readonly Document[];
  /** The id of the one that is shown. */
  readonly active: string;
}

export interface EditOptions {
  /** Edits that follow each other within half a second under the same key are one step of the history. */
  readonly merge?: string;
  /** What is selected after it; parts that are left out are empty. Without it the selection stays. */
  readonly select?: Partial<Selection>;
}

export interface DocumentsActions {
  /** Opens it in a new tab, which becomes the active one; returns its id. An untouched empty tab is replaced. */
  open(name: string, graph: Graph, file?: string | null): string;
  /** Closes this tab, or the active one. There is always one left. */
  close(id?: string): void;
  activate(id: string): void;
  rename(name: string, id?: string): void;
  /** Changes the open level of the active document; no step where `change` returns what it got. */
  edit(label: string, change: (inner: Graph) => Graph, options?: EditOptions): void;
  /** Changes a whole graph without a step of the history, as for the seeds that a run used. */
  adjust(id: string, change: (graph: Graph) => Graph): void;
  undo(): void;
  redo(): void;
  /** Parts that are left out are empty. */
  select(selection: Partial<Selection>): void;
  setView(view: View | null): void;
  /** Opens the subgraph of this node of the open level. */
  enter(node: NodeId): void;
  /** Goes back out until `depth` instances are open; 0 is the workflow itself. */
  leave(depth: number): void;
  /** The graph is on the server now. `graph`: what was written, where it may have been edited since. */
  markSaved(file: string, name?: string, graph?: Graph, id?: string): void;
  /** Puts back what was open before, at the start of the page. */
  restore(documents: readonly Document[], active: string): void;
}

export type DocumentsStore = DocumentsState & DocumentsActions;

export const NOTHING_SELECTED: Selection = { nodes: new Set(), links: new Set(), groups: new Set() };

const first = change.fresh('', EMPTY_GRAPH, null);

export const useDocuments = create<DocumentsStore>()((set, get) => {
  const update = (id: string, next: (document: Document) => Document): void =>
    set((state) => change.updated(state, id, next));
  const updateActive = (next: (document: Document) => Document): void => update(get().active, next);
  return {
    documents: [first],
    active: first.id,
    open: (name, graph, file = null) => {
      const opened = change.fresh(name, graph, file);
      set((state) => change.withOpened(state, opened));
      return opened.id;
    },
    close: (id) => set((state) => change.closed(state, id ?? state.active)),
    activate: (id) =>
      set((state) => (state.documents.some((document) => document.id === id) ? { active: id } : state)),
    rename: (name, id) => update(id ?? get().active, (document) => ({ ...document, name })),
    edit: (label, edit, options = {}) =>
      updateActive((document) => change.edited(document, label, edit, options)),
    adjust: (id, adjust) => update(id, (document) => change.adjusted(document, adjust)),
    undo: () => updateActive(change.undone),
    redo: () => updateActive(change.redone),
    select: (selection) => updateActive((document) => change.selecting(document, selection)),
    setView: (view) => updateActive((document) => change.viewing(document, view)),
    enter: (node) => updateActive((document) => change.entered(document, node)),
    leave: (depth) => updateActive((document) => change.left(document, depth)),
    markSaved: (file, name, graph, id) =>
      update(id ?? get().active, (document) => ({
        ...document,
        file,
        name: name ?? document.name,
        saved: graph ?? document.graph,
      })),
    restore: (documents, active) =>
      set((state) =>
        documents.length === 0
          ? state
          : {
              documents,
              active: documents.some((document) => document.id === active)
                ? active
                : (documents[0]?.id ?? active),
            },
      ),
  };
});

/** The active one among these. */
export function activeOf(state: DocumentsState): Document {
  return state.documents.find((document) => document.id === state.active) ?? state.documents[0] ?? first;
}

export function activeDocument(): Document {
  return activeOf(useDocuments.getState());
}

export function useActiveDocument(): Document {
  return useDocuments(activeOf);
}

/** The open level of a document, seen as a graph of its own. */
export function innerOf(document: Document): Graph {
  return insideOf(document.graph, document.path) ?? document.graph;
}

/** The open level of the active document. */
export function useInner(): Graph {
  return useDocuments((state) => innerOf(activeOf(state)));
}

export function useSelection(): Selection {
  return useDocuments((state) => activeOf(state).selection);
}

export function isDirty(document: Document): boolean {
  return document.graph !== document.saved;
}
