/** Reads what the server answers: JSON that fits a schema, or the reason why there is none, in its own words. */

import * as v from 'valibot';
import { translated } from '../i18n';
import { parseJson } from '../model/json';
import type { Json, JsonObject } from '../model/types';
import { ApiError } from './errors';
import { type ErrorEntry, errorEntry, nodeErrors } from './words';

const refusedPrompt = v.object({
  error: v.union([errorEntry, v.string()]),
  node_errors: v.optional(nodeErrors, {}),
});
const problemJson = v.looseObject({
  detail: v.string(),
  code: v.optional(v.string(), 'refused'),
  remedy: v.optional(v.string(), ''),
});

/** The text of an answer as JSON. Throws ApiError. */
export function readJson(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw nonsense();
  }
}

/** A value of the shape that is expected. Throws ApiError. */
export function fitting<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const found = v.safeParse(schema, value);
  if (!found.success) throw nonsense();
  return found.output;
}

function nonsense(): ApiError {
  return new ApiError('nonsense', 0, 'nonsense', translated('state.error.nonsense'));
}

export function offline(): ApiError {
  return new ApiError('offline', 0, 'offline', translated('state.error.offline'));
}

export function aborted(): ApiError {
  return new ApiError('aborted', 0, 'aborted', translated('state.error.aborted'));
}

/** Why the server refused, by the status and text of its answer. */
export function refusalOf(status: number, text: string, retryAfter: string | null): ApiError {
  const seconds = retryAfter === null ? null : Number(retryAfter);
  const wait = seconds !== null && Number.isFinite(seconds) ? seconds : null;
  const body = jsonOrNull(text);
  const wire = v.safeParse(refusedPrompt, body);
  if (wire.success) {
    const { error, node_errors } = wire.output;
    const entry: ErrorEntry =
      typeof error === 'string' ? { type: 'refused', message: error, details: '', extra_info: null } : error;
    const said = sentenceOf(entry);
    const sentence = said || usual(status);
    return new ApiError('refused', status, entry.type, sentence, remedyOf(entry), entry, node_errors, wait);
  }
  const own = v.safeParse(problemJson, body);
  if (own.success) {
    const { code, detail, remedy } = own.output;
    return new ApiError('refused', status, code, detail || usual(status), remedy, null, {}, wait);
  }
  const plain =
    body === null && text.length > 0 && text.length < 200 && !text.includes('<') ? text : usual(status);
  return new ApiError('refused', status, `http_${status}`, plain, '', null, {}, wait);
}

function jsonOrNull(text: string): Json {
  if (!/^\s*[[{"]/.test(text)) return null;
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function usual(status: number): string {
  return translated('state.error.status', { status });
}

/** What an error says to people: the server's own sentence where it gave one, else the words of the wire. */
export function sentenceOf(entry: ErrorEntry): string {
  const said = textIn(entry.extra_info, 'sentence');
  if (said !== '') return said;
  return [entry.message, entry.details].filter((part) => part !== '').join(': ');
}

export function remedyOf(entry: ErrorEntry): string {
  return textIn(entry.extra_info, 'remedy');
}

export function textIn(found: JsonObject | null, key: string): string {
  const value = found?.[key];
  return typeof value === 'string' ? value : '';
}
