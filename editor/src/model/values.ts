/** The values of a node's widgets: a list by position in files, by name here. */

import { controlOf, type NodeDefinition } from './definition';
import { isList, isObject, sameJson } from './json';
import { initialValue } from './schema';
import type { GraphNode, Json } from './types';

/** One position of `widgets_values`. */
export interface ValuePlace {
  readonly name: string;
  readonly initial?: Json;
  /** A value that the file lacks is none, and so is null: what lies inside a subgraph keeps its own. */
  readonly inherits?: boolean;
}

/** The `module` of definitions that are made of a subgraph. */
export const SUBGRAPH_MODULE = 'editor.subgraph';

export type Values = ReadonlyMap<string, Json>;

/** The value of a primitive node; its control stands under `controlOf` this. */
export const PRIMITIVE_VALUE = 'value';
export const NOTE_TEXT = 'text';

const OWN_PLACES: ReadonlyMap<string, readonly ValuePlace[]> = new Map([
  ['Note', [{ name: NOTE_TEXT, initial: '' }]],
  ['MarkdownNote', [{ name: NOTE_TEXT, initial: '' }]],
  ['PrimitiveNode', [{ name: PRIMITIVE_VALUE }, { name: controlOf(PRIMITIVE_VALUE) }]],
  ['Reroute', []],
]);

/** Nodes of the editor alone, which the server never hears of. */
export function isOwnType(type: string): boolean {
  return OWN_PLACES.has(type);
}

const places = new WeakMap<NodeDefinition, readonly ValuePlace[]>();

function placesOf(definition: NodeDefinition): readonly ValuePlace[] {
  const known = places.get(definition);
  if (known !== undefined) return known;
  const inherits = definition.module === SUBGRAPH_MODULE;
  const made = definition.widgets.map((widget) => ({
    name: widget.name,
    initial: initialValue(widget),
    inherits,
  }));
  places.set(definition, made);
  return made;
}

/** What stands where in `widgets_values`; null where nobody knows. */
export function valuePlaces(type: string, definition: NodeDefinition | null): readonly ValuePlace[] | null {
  return OWN_PLACES.get(type) ?? (definition === null ? null : placesOf(definition));
}

const SAMPLERS: ReadonlySet<string> = new Set(['KSampler', 'KSamplerAdvanced']);

/** Old files have `sample_euler` where `euler` is meant. */
function renewed(type: string, name: string, value: Json): Json {
  if (!SAMPLERS.has(type) || name !== 'sampler_name' || typeof value !== 'string') return value;
  return value.startsWith('sample_') ? value.slice('sample_'.length) : value;
}

function storedValue(stored: Json, name: string, at: number): Json | undefined {
  if (isList(stored)) return stored[at];
  return isObject(stored) && Object.hasOwn(stored, name) ? stored[name] : undefined;
}

function readValue(stored: Json, place: ValuePlace, at: number): Json | undefined {
  const value = storedValue(stored, place.name, at);
  if (place.inherits === true) return value ?? undefined;
  return value === undefined ? place.initial : value;
}

/** Values by name: what the file lacks is initial, what it has too much is ignored, and none is checked. */
export function readValues(type: string, stored: Json, all: readonly ValuePlace[]): Values {
  const values = new Map<string, Json>();
  for (const [at, place] of all.entries()) {
    const value = readValue(stored, place, at);
    if (value !== undefined) values.set(place.name, renewed(type, place.name, value));
  }
  return values;
}

function sameValues(one: Values, other: Values): boolean {
  return one.size === other.size && [...one].every(([name, value]) => sameJson(value, other.get(name)));
}

function writtenList(stored: readonly Json[], values: Values, all: readonly ValuePlace[]): readonly Json[] {
  const list = all.map(({ name, initial }) => values.get(name) ?? initial);
  const length = Math.max(list.findLastIndex((value) => value !== undefined) + 1, stored.length);
  const known = list.slice(0, length).map((value) => value ?? null);
  return [...known, ...stored.slice(all.length)];
}

/** Whether a file says everything, so that a default which changes later changes nothing. */
function saysAll(stored: Json, all: readonly ValuePlace[]): boolean {
  if (!isList(stored)) return isObject(stored) || all.length === 0;
  return all.slice(stored.length).every((place) => place.inherits === true || place.initial === undefined);
}

/**
 * `widgets_values` for a file, undefined for none.
 *
 * What was read stays to the letter as long as it says all these values; what stood behind them stays in any case.
 */
export function writeValues(node: GraphNode, all: readonly ValuePlace[] | null): Json | undefined {
  const { stored, values, type } = node;
  if (all === null) return stored ?? undefined;
  if (saysAll(stored, all) && sameValues(readValues(type, stored, all), values)) return stored ?? undefined;
  if (isObject(stored)) return { ...stored, ...Object.fromEntries(values) };
  return writtenList(isList(stored) ? stored : [], values, all);
}
