/** Weights of words in a prompt, `(words:1.1)`: more or less of what is selected. */

import { type Group, isEscaped, pairsOf } from '../model/promptLanguage';

export interface Marked {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

type Groups = readonly Group[];

/** The name of an embedding is one word, and so is what has escaped parentheses in it. */
const WORD = /embedding:[^\s,:()[\]{}|]+|(?:\\[()]|[^\s,.:;()[\]{}|])+/gu;

/** The text with the weight of the selection (or of the word at the cursor) changed; null where there is nothing. */
export function weighted(marked: Marked, by: number): Marked | null {
  const groups = [...pairsOf(marked.text).groups.values()];
  const isCursor = marked.start === marked.end;
  const enclosing = isCursor ? enclosingAt(groups, marked.start) : null;
  if (enclosing !== null) return reweighted(marked.text, enclosing, by);
  const chosen = trimmed(isCursor ? wordAt(marked) : marked);
  if (chosen.start >= chosen.end) return null;
  const around = groups.find((group) => isThe(group, chosen));
  return around === undefined ? wrapped(whole(chosen, groups), by) : reweighted(marked.text, around, by);
}

function reweighted(text: string, { open, contentEnd, close, factor }: Group, by: number): Marked {
  return written(text, open, close + 1, text.slice(open + 1, contentEnd), factor + by);
}

/** A parenthesis without a partner is escaped, so that it takes none of the new pair. */
function wrapped({ text, start, end }: Marked, by: number): Marked {
  const inner = text.slice(start, end);
  const lonely = new Set(pairsOf(inner).lonely);
  const safe = [...inner.matchAll(/[\s\S]/gu)].map((each) =>
    lonely.has(each.index) && !isEscaped(inner, each.index) ? `\\${each[0]}` : each[0],
  );
  return written(text, start, end, safe.join(''), 1 + by);
}

function written(text: string, from: number, to: number, inner: string, factor: number): Marked {
  const weight = Math.round(factor * 100) / 100;
  const isPlain = weight === 1;
  const start = from + (isPlain ? 0 : 1);
  const part = isPlain ? inner : `(${inner}:${shortest(weight)})`;
  return { text: text.slice(0, from) + part + text.slice(to), start, end: start + inner.length };
}

function shortest(weight: number): string {
  return Number.isInteger(weight) ? weight.toFixed(1) : String(weight);
}

function wordAt({ text, start }: Marked): Marked {
  for (const found of text.matchAll(WORD)) {
    const end = found.index + found[0].replace(/[.;!?]+$/u, '').length;
    if (found.index <= start && start <= end) return { text, start: found.index, end };
  }
  return { text, start, end: start };
}

function trimmed({ text, start, end }: Marked): Marked {
  let from = start;
  let to = end;
  while (from < to && /\s/u.test(text[from] ?? '')) from += 1;
  while (to > from && /\s/u.test(text[to - 1] ?? '')) to -= 1;
  return { text, start: from, end: to };
}

/** Whether a group is what was chosen, with or without its parentheses, or a part of its weight. */
function isThe({ open, contentEnd, close }: Group, { start, end }: Marked): boolean {
  if (start === open) return end === close + 1;
  return start === open + 1 && end >= contentEnd && end <= close + 1;
}

/** The innermost group that the cursor stands in. */
function enclosingAt(groups: Groups, at: number): Group | null {
  const around = groups.filter(({ open, close }) => open < at && at <= close);
  return around.reduce<Group | null>(
    (best, each) => (best !== null && best.open > each.open ? best : each),
    null,
  );
}

/** What was chosen with all of every group that it cuts through, and nothing of a weight that it touches. */
function whole(chosen: Marked, groups: Groups): Marked {
  let { start, end } = chosen;
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const { open, contentEnd, close } of groups) {
      const [holdsStart, holdsEnd] = [start <= open && open < end, start <= close && close < end];
      if (holdsStart !== holdsEnd) {
        [start, end] = [Math.min(start, open), Math.max(end, close + 1)];
        isDone = false;
      } else if (!holdsStart && open < start && end > contentEnd && end <= close) {
        end = Math.max(start, contentEnd);
      }
    }
  }
  return { ...chosen, start, end };
}
