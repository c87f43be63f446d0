/** What the tests of file formats share: the fixture files and the definitions that they need. */

import type { Definitions } from '../../src/model/definition';
import { isList, objectOf, parseJson } from '../../src/model/json';
import { type PromptOptions, toPrompt } from '../../src/model/prompt';
import { readDefinitions } from '../../src/model/schema';
import { readWorkflow } from '../../src/model/serialize';
import type { Graph, GraphNode, Json, JsonObject } from '../../src/model/types';

const files = import.meta.glob<string>('./fixtures/workflows/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const shipped = import.meta.glob<string>('../../../workflows/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});

function lastPart(path: string): string {
  return path.split('/').at(-1) ?? path;
}

export const TEXTS: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, text]) => [lastPart(path), text]),
);
export const SHIPPED: ReadonlyMap<string, string> = new Map(
  Object.entries(shipped).map(([path, text]) => [lastPart(path), text]),
);
export const BIG = 18446744073709551615n;

export function textOf(name: string): string {
  const text = TEXTS.get(name);
  if (text === undefined) throw new Error(`no fixture ${name}`);
  return text;
}

export function fixture(name: string): JsonObject {
  return objectOf(parseJson(textOf(name)));
}

export const DEFINITIONS: Definitions = readDefinitions(fixture('object_info.json'));

export function graphOf(name: string): Graph {
  return readWorkflow(fixture(name), DEFINITIONS);
}

export function nodeOf(graph: Graph, id: string): GraphNode {
  const node = graph.nodes.get(id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}

export function valuesOf(graph: Graph, id: string): Record<string, Json> {
  return Object.fromEntries(nodeOf(graph, id).values);
}

export const FIRST: PromptOptions = { random: () => 0, now: new Date(2026, 10, 21, 9, 5, 7) };

export function promptOf(name: string, options: PromptOptions = FIRST): JsonObject {
  return toPrompt(graphOf(name), DEFINITIONS, options).prompt;
}

export function inputsIn(prompt: JsonObject, id: string): JsonObject {
  return objectOf(objectOf(prompt[id]).inputs);
}

/** The object that lies at a path of keys and positions. */
export function at(json: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found = json;
  for (const step of path) {
    found = isList(found) && typeof step === 'number' ? found[step] : objectOf(found)[step];
  }
  return found;
}
