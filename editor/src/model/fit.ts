/** What values a widget takes: its first one, and the nearest allowed one to what was typed. */

import type { Widget } from './definition';
import { CONTROLS } from './definition';
import type { Json } from './types';

/** A whole number as a double where that is exact, else as a bigint. */
export function exact(value: bigint): number | bigint {
  const double = Number(value);
  return Number.isSafeInteger(double) ? double : value;
}

/** The whole number nearest to a value, halves upwards; null for what is no number. */
export function wholeOf(value: Json): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.floor(value + 0.5)) : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', ''));
  return text === '' ? null : wholeOf(Number(text));
}

function clamped<Value extends number | bigint>(
  value: Value,
  minimum: Value | null,
  maximum: Value | null,
): Value {
  if (minimum !== null && value < minimum) return minimum;
  return maximum !== null && value > maximum ? maximum : value;
}

function dividedDown(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function fittedInteger(widget: Widget, value: Json): Json {
  const typed = wholeOf(value);
  if (typed === null) return widget.default;
  const minimum = widget.minimum === null ? null : wholeOf(widget.minimum);
  const maximum = widget.maximum === null ? null : wholeOf(widget.maximum);
  const step = wholeOf(widget.step ?? 1) ?? 1n;
  const base = minimum ?? 0n;
  const stepped = step > 1n ? base + dividedDown(2n * (typed - base) + step, 2n * step) * step : typed;
  return exact(clamped(stepped, minimum, maximum));
}

function doubleOf(value: Json): number | null {
  if (typeof value === 'string' && value.trim() === '') return null;
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string') return null;
  const double = Number(value);
  return Number.isFinite(double) ? double : null;
}

/** The nearest multiple, halves upwards; a value that is one ten-billionth short of a half counts as a half. */
function roundedTo(value: number, unit: number): number {
  // Of 0.01 the reciprocal is exact, of 0.25 or 64 too; what is neither is rounded once more at its decimals.
  const scale = 1 / unit;
  const isReciprocal = Math.abs(scale - Math.round(scale)) < 1e-9 * scale;
  const scaled = isReciprocal ? value * Math.round(scale) : value / unit;
  if (!Number.isFinite(scaled) || Math.abs(scaled) > Number.MAX_SAFE_INTEGER) return value;
  const whole = Math.floor(scaled + 0.5 + 1e-10 * Math.max(1, Math.abs(scaled)));
  return isReciprocal ? whole / Math.round(scale) : Number((whole * unit).toPrecision(15));
}

/**
 * To what a float is rounded: `round` of the server decides, where it is false to nothing; where it says nothing, the
 * decimals of the step do.
 */
function unitOf({ options, decimals }: Widget): number | null {
  if (options.round === false) return null;
  const told = typeof options.round === 'number' ? options.round : 0;
  return told > 0 && Number.isFinite(told) ? told : 10 ** -decimals;
}

function fittedFloat(widget: Widget, value: Json): Json {
  const typed = doubleOf(value);
  if (typed === null) return widget.default;
  const minimum = widget.minimum === null ? null : Number(widget.minimum);
  const maximum = widget.maximum === null ? null : Number(widget.maximum);
  const unit = unitOf(widget);
  return clamped(unit === null ? typed : roundedTo(typed, unit), minimum, maximum);
}

function fittedText(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  return value;
}

function fittedBoolean(widget: Widget, value: Json): Json {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) !== 0 : widget.default;
}

/** What a new node starts with. */
export function initialValue(widget: Widget): Json {
  return widget.default;
}

/**
 * The nearest value that a widget takes: whole numbers `minimum + n·step`, others half up to a multiple of
 * `round`, within bounds; for what is no number the default. Choices stay as they are, also those that are not in the list.
 */
export function fitted(widget: Widget, value: Json): Json {
  switch (widget.kind) {
    case 'integer':
      return fittedInteger(widget, value);
    case 'float':
      return fittedFloat(widget, value);
    case 'text':
      return fittedText(value);
    case 'boolean':
      return fittedBoolean(widget, value);
    case 'control':
      return CONTROLS.find((control) => control === value) ?? widget.default;
    default:
      return value;
  }
}

/** The same for what a primitive gives to a widget: there the decimals of the step count, whatever is rounded to else. */
export function fittedToStep(widget: Widget, value: Json): Json {
  const { round: _, ...options } = widget.options;
  return fitted({ ...widget, options }, value);
}
