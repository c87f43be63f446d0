/** Values as text for people. */

import { stringifyJson } from '../model/json';
import type { Json } from '../model/types';

/** A string as it is, anything else as JSON, nothing as nothing. */
export function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return typeof value === 'object' ? stringifyJson(value) : String(value);
}
