/**
 * The checks made before a prompt is sent: the same rules by which the server refuses, as far as the editor knows them.
 *
 * What only the server can judge (files that were uploaded, a node's own rules, values of types that the editor does not
 * know) is left to it, and so is a prompt of which some outputs can run.
 */

import type { Definitions, InputDefinition, NodeDefinition, Widget } from './definition';
import { isList, isObject, objectOf, stringifyJson } from './json';
import type { Json, JsonObject } from './types';

/** In the words of the wire, where there are such. */
export type FindingCode =
  | 'missing_node_type'
  | 'required_input_missing'
  | 'value_smaller_than_min'
  | 'value_bigger_than_max'
  | 'value_not_in_list';

export interface Finding {
  readonly code: FindingCode;
  /** The id in the prompt. */
  readonly node: string;
  /** The class of the node. */
  readonly type: string;
  /** Null for the node as a whole. */
  readonly input: InputDefinition | null;
  /** What was given, null for nothing. */
  readonly value: Json;
}

export interface Verdict {
  /** Of nodes that the wanted outputs need, and of unknown ones anywhere. */
  readonly findings: readonly Finding[];
  /** Whether nothing of it would run. */
  readonly isHopeless: boolean;
}

export type Trust = (finding: Finding) => boolean;

/** The same text for the same complaint about the same value, whichever node it is. */
export function keyOfFinding({ code, type, input, value }: Finding): string {
  return stringifyJson([code, type, input?.name ?? null, value]);
}

/**
 * What the server would refuse. `targets`: ids of the prompt that are wanted; null for all that save or show something.
 * `isTrusted`: what it is known to take after all.
 */
export function validated(
  prompt: JsonObject,
  definitions: Definitions,
  targets: readonly string[] | null,
  isTrusted: Trust = () => false,
): Verdict {
  const steps = stepsOf(prompt);
  const wanted = (targets ?? [...steps.keys()]).filter(
    (id) => definitions.get(steps.get(id)?.type ?? '')?.terminal === true,
  );
  const needed = reached(wanted, (id) => sourcesOf(steps.get(id)));
  const findings = [...steps.values()].flatMap((step) => {
    const definition = definitions.get(step.type);
    const found =
      definition === undefined ? [unknown(step)] : needed.has(step.id) ? judged(step, definition) : [];
    return found.filter((finding) => !isTrusted(finding));
  });
  return { findings, isHopeless: findings.length > 0 && isHopeless(steps, wanted, findings) };
}

interface Step {
  readonly id: string;
  readonly type: string;
  readonly inputs: JsonObject;
}

function stepsOf(prompt: JsonObject): ReadonlyMap<string, Step> {
  const steps = new Map<string, Step>();
  for (const [id, step] of Object.entries(prompt)) {
    const { class_type: type, inputs } = objectOf(step);
    if (typeof type === 'string') steps.set(id, { id, type, inputs: objectOf(inputs) });
  }
  return steps;
}

function sourcesOf(step: Step | undefined): readonly string[] {
  return Object.values(step?.inputs ?? {}).flatMap((value) => (isLink(value) ? [String(value[0])] : []));
}

function isLink(value: Json): value is readonly Json[] {
  return isList(value) && value.length === 2;
}

/** These and all that follow from them. */
function reached(from: Iterable<string>, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...next(id));
  }
  return found;
}

/** Outputs that nothing wrong leads to run all the same, unless a node is unknown. */
function isHopeless(
  steps: ReadonlyMap<string, Step>,
  wanted: readonly string[],
  findings: readonly Finding[],
): boolean {
  if (findings.some(({ code }) => code === 'missing_node_type')) return true;
  const followers = new Map<string, string[]>();
  for (const step of steps.values()) {
    for (const source of sourcesOf(step)) {
      const known = followers.get(source);
      if (known === undefined) followers.set(source, [step.id]);
      else known.push(step.id);
    }
  }
  const spoilt = reached(
    findings.map(({ node }) => node),
    (id) => followers.get(id) ?? [],
  );
  return wanted.every((id) => spoilt.has(id));
}

function unknown({ id, type }: Step): Finding {
  return { code: 'missing_node_type', node: id, type, input: null, value: null };
}

function judged(step: Step, definition: NodeDefinition): readonly Finding[] {
  return definition.inputs.flatMap((input): readonly Finding[] => {
    const given = step.inputs[input.name];
    const about = { node: step.id, type: step.type, input };
    if (given === undefined) {
      return isNeeded(input) ? [{ ...about, code: 'required_input_missing', value: null }] : [];
    }
    const { widget } = input;
    if (widget === null || isLink(given)) return [];
    return literalsIn(given).flatMap((value): readonly Finding[] => {
      const code = codeOf(widget, value);
      return code === null ? [] : [{ ...about, code, value }];
    });
  });
}

/** Inputs that the editor does not send by that name are none of its business. */
function isNeeded({ optional, type, widget }: InputDefinition): boolean {
  const isSent = widget === null || (widget.kind !== 'upload' && widget.kind !== 'control');
  return !optional && isSent && !type.startsWith('COMFY_');
}

/** A list stands in a wrapper, so that it is not taken for a link. */
function literalsIn(value: Json): readonly Json[] {
  const literal = isObject(value) && Object.hasOwn(value, '__value__') ? (value.__value__ ?? null) : value;
  return isList(literal) ? literal : [literal];
}

function codeOf(widget: Widget, value: Json): FindingCode | null {
  if (widget.kind === 'choice') return isAmong(widget, value) ? null : 'value_not_in_list';
  if (widget.kind !== 'integer' && widget.kind !== 'float') return null;
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  if (widget.minimum !== null && value < widget.minimum) return 'value_smaller_than_min';
  return widget.maximum !== null && value > widget.maximum ? 'value_bigger_than_max' : null;
}

/** A list that is filled in elsewhere, and files that may have been uploaded since, are not judged. */
function isAmong({ choices, upload, options }: Widget, value: Json): boolean {
  if (value === null || upload !== null || options.remote !== undefined) return true;
  return choices.some((choice) => choice === value || String(choice) === String(value));
}
