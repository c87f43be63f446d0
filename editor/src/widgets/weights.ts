/** Weights of words in a prompt, `(words:1.1)`: more or less of what is selected. */

export const WEIGHT_STEP = 0.05;

export interface Marked {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Weighted {
  /** From the opening to behind the closing parenthesis. */
  readonly from: number;
  readonly to: number;
  readonly inner: string;
  readonly weight: number;
}

const WORD_END = /[\s,.:;()[\]{}|]/u;
const WEIGHT = /^([\s\S]*):\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*$/u;

/** The text with the weight of the selection (or of the word at the cursor) changed; null where there is nothing. */
export function weighted(marked: Marked, by: number): Marked | null {
  const isCursor = marked.start === marked.end;
  const enclosing = isCursor ? enclosingAt(marked) : null;
  const chosen = trimmed(isCursor ? wordAt(marked) : marked);
  if (chosen.start >= chosen.end && enclosing === null) return null;
  const around = enclosing ?? weightedAround(chosen);
  const inner = around?.inner ?? chosen.text.slice(chosen.start, chosen.end);
  const from = around?.from ?? chosen.start;
  const to = around?.to ?? chosen.end;
  const weight = Math.round(((around?.weight ?? 1) + by) * 100) / 100;
  const written = weight === 1 ? inner : `(${inner}:${shortest(weight)})`;
  const offset = weight === 1 ? 0 : 1;
  return {
    text: chosen.text.slice(0, from) + written + chosen.text.slice(to),
    start: from + offset,
    end: from + offset + inner.length,
  };
}

function shortest(weight: number): string {
  return Number.isInteger(weight) ? weight.toFixed(1) : String(weight);
}

function wordAt({ text, start }: Marked): Marked {
  let from = start;
  let to = start;
  while (from > 0 && !WORD_END.test(text[from - 1] ?? ' ')) from -= 1;
  while (to < text.length && !WORD_END.test(text[to] ?? ' ')) to += 1;
  return { text, start: from, end: to };
}

function trimmed({ text, start, end }: Marked): Marked {
  let from = start;
  let to = end;
  while (from < to && /\s/u.test(text[from] ?? '')) from += 1;
  while (to > from && /\s/u.test(text[to - 1] ?? '')) to -= 1;
  return { text, start: from, end: to };
}

/** The weighted part that the selection is, with or without its parentheses and weight. */
function weightedAround({ text, start, end }: Marked): Weighted | null {
  const whole = weightedAt(text, start);
  if (whole !== null && whole.to === end) return whole;
  const outer = weightedAt(text, openingBefore(text, start));
  if (outer === null || outer.to < end) return null;
  const rest = text.slice(end, outer.to);
  const isAll =
    start === outer.from + 1 && (end === outer.from + 1 + outer.inner.length || /^[\d.+-]*\)$/u.test(rest));
  return isAll ? outer : null;
}

/** The innermost weighted part that the cursor stands in. */
function enclosingAt({ text, start }: Marked): Weighted | null {
  for (let from = start - 1; from >= 0; from -= 1) {
    const found = weightedAt(text, from);
    if (found !== null && found.to > start) return found;
  }
  return null;
}

function openingBefore(text: string, start: number): number {
  return start > 0 && text[start - 1] === '(' && !isEscaped(text, start - 1) ? start - 1 : -1;
}

/** The weighted part that begins with the parenthesis here. */
function weightedAt(text: string, from: number): Weighted | null {
  if (from < 0 || text[from] !== '(' || isEscaped(text, from)) return null;
  const closing = closingOf(text, from);
  const match = closing === null ? null : WEIGHT.exec(text.slice(from + 1, closing));
  if (closing === null || match === null) return null;
  return { from, to: closing + 1, inner: match[1] ?? '', weight: Number(match[2]) };
}

function closingOf(text: string, from: number): number | null {
  let depth = 0;
  for (let index = from; index < text.length; index += 1) {
    const letter = text[index];
    if ((letter !== '(' && letter !== ')') || isEscaped(text, index)) continue;
    depth += letter === '(' ? 1 : -1;
    if (depth === 0) return index;
  }
  return null;
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0;
  while (text[index - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
