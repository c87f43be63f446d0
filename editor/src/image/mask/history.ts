/** What was painted, step by step: masks share their tiles, so that a step costs only what it changed. */

import { bytesBeside, type Mask } from './tiles';

interface Step {
  readonly mask: Mask;
  /** What it holds that the mask after it does not share. */
  readonly bytes: number;
}

export interface History {
  /** As it was when painting began. */
  readonly start: Mask;
  readonly mask: Mask;
  /** The last step is undone first. */
  readonly past: readonly Step[];
  /** The last one is redone first. */
  readonly future: readonly Mask[];
}

export const MOST_STEPS = 200;
/** So many steps back can always be gone, however large they are. */
const LEAST_STEPS = 3;
export const MOST_BYTES = 192 * 2 ** 20;

export function begun(mask: Mask): History {
  return { start: mask, mask, past: [], future: [] };
}

/** With another mask; nothing happens where it is the same one. */
export function painted(history: History, mask: Mask, mostBytes: number = MOST_BYTES): History {
  if (mask === history.mask) return history;
  const step: Step = { mask: history.mask, bytes: bytesBeside(history.mask, mask) };
  return { ...history, mask, past: within([...history.past, step], mostBytes), future: [] };
}

/** Without the oldest steps, where there are too many or they hold too much. */
function within(steps: readonly Step[], mostBytes: number): readonly Step[] {
  let bytes = 0;
  let count = 0;
  for (const step of steps.toReversed()) {
    bytes += step.bytes;
    if (count >= MOST_STEPS || (count >= LEAST_STEPS && bytes > mostBytes)) break;
    count += 1;
  }
  return steps.slice(steps.length - count);
}

export function undone(history: History): History {
  const step = history.past.at(-1);
  if (step === undefined) return history;
  const { start, mask, past, future } = history;
  return { start, mask: step.mask, past: past.slice(0, -1), future: [...future, mask] };
}

export function redone(history: History): History {
  const next = history.future.at(-1);
  if (next === undefined) return history;
  const { start, mask, past, future } = history;
  const step: Step = { mask, bytes: bytesBeside(mask, next) };
  return { start, mask: next, past: [...past, step], future: future.slice(0, -1) };
}

/** Whether something would be lost. */
export function isChanged({ start, mask }: History): boolean {
  return start !== mask;
}
