/**
 * Reads open documents anew when kinds of nodes come to be known, are known no longer or have other sockets, and when an
 * extension makes widgets of some of their inputs.
 *
 * Values of known nodes are kept by name, those of others as their file had them; without this one of the two would be
 * lost when a node goes from one to the other.
 */

import type { Definitions, NodeDefinition } from '../model/definition';
import { FormatError } from '../model/formatError';
import { differ, renewed } from '../model/renew';
import { readWorkflow, writeWorkflow } from '../model/serialize';
import type { Body, Graph } from '../model/types';
import { useDefinitions } from './definitions';
import { type Document, useDocuments } from './documents';

/** Returns what ends it. */
export function rereadDocuments(): () => void {
  // A kind that comes back may have changed meanwhile; what its nodes hold was written by the definition it had.
  const gone = new Map<string, NodeDefinition>();
  return useDefinitions.subscribe((state, before) => {
    if (state.definitions === before.definitions) return;
    const types = changedTypes(before.definitions, state.definitions);
    const asBefore = withThoseOfBefore(gone, before.definitions, state.definitions);
    const shaped = differentlyShaped(before.definitions, asBefore, state.definitions, types);
    if (types.size + shaped.size === 0) return;
    const read = rereader(types, before.definitions, asBefore);
    const reread = once((graph) => {
      const next = read(graph);
      return hasAny(next, shaped) ? renewed(next, shaped, state.definitions) : next;
    });
    const { documents } = useDocuments.getState();
    const next = documents.map((document) => rereadDocument(document, reread));
    if (next.some((document, index) => document !== documents[index]))
      useDocuments.setState({ documents: next });
  });
}

/** Known to one of them only, or with other widgets of extensions. */
function changedTypes(one: Definitions, other: Definitions): ReadonlySet<string> {
  const types = new Set([...one.keys(), ...other.keys()]);
  return new Set([...types].filter((type) => foreignIn(one.get(type)) !== foreignIn(other.get(type))));
}

/** Which values of a kind are there by an extension, null for a kind that is not known. */
function foreignIn(definition: NodeDefinition | undefined): string | null {
  if (definition === undefined) return null;
  return definition.widgets.flatMap(({ name, isForeign }) => (isForeign === true ? [name] : [])).join('\n');
}

/** The definitions of now, those that come back as they were when they went; `gone` is kept up to date. */
function withThoseOfBefore(
  gone: Map<string, NodeDefinition>,
  before: Definitions,
  now: Definitions,
): Definitions {
  const found = new Map(now);
  for (const [type, definition] of gone) {
    if (!now.has(type)) continue;
    if (!before.has(type)) found.set(type, definition);
    gone.delete(type);
  }
  for (const [type, definition] of before) if (!now.has(type)) gone.set(type, definition);
  return found;
}

/** With other sockets or widgets than before: their author has changed them meanwhile. */
function differentlyShaped(
  before: Definitions,
  asBefore: Definitions,
  now: Definitions,
  reread: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = [...now].filter(([type, definition]) => {
    const old = reread.has(type) ? asBefore.get(type) : before.get(type);
    return old !== undefined && old !== definition && differ(old, definition);
  });
  return new Set(found.map(([type]) => type));
}

type Reread = (graph: Graph) => Graph;

function rereader(types: ReadonlySet<string>, before: Definitions, after: Definitions): Reread {
  return (graph) => (hasAny(graph, types) ? converted(graph, before, after) : graph);
}

/** The same graph is read once, so that what was one object stays one. */
function once(reread: Reread): Reread {
  const done = new Map<Graph, Graph>();
  return (graph) => {
    const next = done.get(graph) ?? reread(graph);
    done.set(graph, next);
    return next;
  };
}

function hasAny(graph: Graph, types: ReadonlySet<string>): boolean {
  const bodies: readonly Body[] = [graph, ...[...graph.subgraphs.values()].map(({ body }) => body)];
  return bodies.some((body) => [...body.nodes.values()].some((node) => types.has(node.type)));
}

function converted(graph: Graph, before: Definitions, after: Definitions): Graph {
  try {
    return readWorkflow(writeWorkflow(graph, before), after);
  } catch (error) {
    if (error instanceof FormatError) return graph;
    throw error;
  }
}

function rereadDocument(document: Document, reread: Reread): Document {
  const graph = reread(document.graph);
  const saved = reread(document.saved);
  if (graph === document.graph && saved === document.saved) return document;
  const past = document.past.map((step) => ({ ...step, graph: reread(step.graph) }));
  const future = document.future.map((step) => ({ ...step, graph: reread(step.graph) }));
  return { ...document, graph, saved, past, future };
}
