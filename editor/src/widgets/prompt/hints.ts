/** What a prompt says that is read otherwise than it looks, as hints. */

import { lonelyBraces, withoutComments } from '../../model/dynamicPrompts';
import { pairsOf } from '../../model/promptLanguage';

export interface Hint {
  readonly kind: 'opened' | 'closed' | 'openedChoice' | 'closedChoice' | 'unknown' | 'lora';
  /** Where it stands, null for what is nowhere in particular. */
  readonly at: number | null;
  /** The sign or name that it is about. */
  readonly what: string;
  /** Counted from 1. */
  readonly line: number;
}

const LORA = /<lora:[^<>\n]*>/iu;
/** Faces are no parentheses that somebody forgot: `:)`, `;(`, `=)`. */
const FACE = /[:;=8]-?$/u;

/** In the order of the text, those without a place last. `isDynamic`: whether braces and comments mean something. */
export function hintsIn(prompt: string, isDynamic: boolean, unknown: readonly string[]): readonly Hint[] {
  const text = isDynamic ? withoutComments(prompt) : prompt;
  const hint = (kind: Hint['kind'], at: number | null, what: string): Hint => {
    return { kind, at, what, line: at === null ? 0 : prompt.slice(0, at).split('\n').length };
  };
  const lonely = pairsOf(text).lonely.filter((at) => !FACE.test(text.slice(Math.max(0, at - 2), at)));
  const placed = [
    ...lonely.map((at) => hint(text[at] === '(' ? 'opened' : 'closed', at, text[at] ?? '')),
    ...(isDynamic ? lonelyBraces(prompt) : []).map((at) =>
      hint(prompt[at] === '{' ? 'openedChoice' : 'closedChoice', at, prompt[at] ?? ''),
    ),
  ].sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
  const lora = LORA.exec(text);
  return [
    ...placed,
    ...unknown.filter((name) => name !== '').map((name) => hint('unknown', null, name)),
    ...(lora === null ? [] : [hint('lora', null, lora[0])]),
  ];
}
