/** Numbers as text and back, exactly: whole numbers never pass through a double. */

import type { Widget } from '../model/definition';
import { exact } from '../model/fit';
import type { Json } from '../model/types';

const WHOLE = /^[+-]?\d+$/u;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu;

/** What was typed, also with a comma for the point or in full width; null for no number. */
export function parsedNumber(text: string, kind: 'integer' | 'float'): number | bigint | null {
  const plain = text
    .normalize('NFKC')
    .replace(/[\s_]/gu, '')
    .replace(/^([^,.]*),([^,]*)$/u, '$1.$2');
  if (WHOLE.test(plain)) {
    const whole = BigInt(plain.replace(/^\+/u, ''));
    return kind === 'integer' ? exact(whole) : Number(whole);
  }
  if (!DECIMAL.test(plain)) return null;
  const number = Number(plain);
  if (!Number.isFinite(number)) return null;
  return kind === 'integer' ? exact(BigInt(Math.round(number))) : number;
}

/** A float with the decimals of its widget unless it has more of them, as a stored value is never rounded. */
export function numberText(value: Json, widget: Widget): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return value === null ? '' : String(value);
  if (widget.kind !== 'float' || !Number.isFinite(value)) return String(value);
  const short = value.toFixed(Math.min(20, Math.max(0, widget.decimals)));
  return Number(short) === value ? short : String(value);
}

export function stepOf(widget: Widget): number {
  if (widget.step !== null && widget.step > 0) return widget.step;
  return widget.kind === 'integer' ? 1 : 0.1;
}

/** The value some whole steps further, not yet clamped. */
export function stepped(value: Json, widget: Widget, steps: number): number | bigint {
  const count = Math.round(steps);
  const start = numberOf(value, widget);
  if (widget.kind === 'integer') {
    const step = BigInt(Math.max(1, Math.round(stepOf(widget))));
    return exact(wholeOf(start) + BigInt(count) * step);
  }
  const step = stepOf(widget);
  return Number((Number(start) + count * step).toFixed(Math.max(decimalsOf(step), widget.decimals)));
}

function numberOf(value: Json, widget: Widget): number | bigint {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return value;
  const kind = widget.kind === 'integer' ? 'integer' : 'float';
  return (typeof value === 'string' ? parsedNumber(value, kind) : null) ?? 0;
}

function wholeOf(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.round(value));
}

/** How many decimals a step such as 0.05 or 1e-7 has. */
function decimalsOf(step: number): number {
  const [digits = '', exponent = '0'] = String(step).split('e');
  const decimals = (digits.split('.')[1] ?? '').length;
  return Math.min(20, Math.max(0, decimals - Number(exponent)));
}

/** How far to drag for one step: a small range fits into 200 pixels, else four pixels each. */
export function pixelsPerStep(widget: Widget): number {
  if (widget.minimum === null || widget.maximum === null) return 4;
  const steps = (Number(widget.maximum) - Number(widget.minimum)) / stepOf(widget);
  return steps > 0 ? Math.min(4, Math.max(1, 200 / steps)) : 4;
}

/** Where the value lies between the bounds, from 0 to 1; null where one of them is missing. */
export function partOf(value: Json, widget: Widget): number | null {
  if (widget.minimum === null || widget.maximum === null) return null;
  const low = Number(widget.minimum);
  const part = (Number(numberOf(value, widget)) - low) / (Number(widget.maximum) - low);
  return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : null;
}
