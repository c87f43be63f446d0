/** How many tokens a prompt has, with all that its choices may make of it. */

import type { ClipTokenizer } from '../../model/clipTokenizer';
import { variantsOf } from '../../model/dynamicPrompts';
import { type Embeddings, type TokenCount, tokensOf, WINDOW } from '../../model/promptTokens';

/** Prompts with more choices than this are counted by a sample. */
const MOST_VARIANTS = 48;

export interface Counted {
  readonly least: number;
  readonly most: number;
  /** Of the variant with the most tokens, which is the only one where there are no choices. */
  readonly windows: readonly number[];
  readonly unknown: readonly string[];
  readonly precision: 'exact' | 'about' | 'atLeast';
}

export interface Counter {
  readonly tokenizer: ClipTokenizer;
  readonly embeddings: Embeddings;
}

/** `isDynamic`: whether choices are made and comments cut out before the prompt is sent. */
export function counted(prompt: string, isDynamic: boolean, { tokenizer, embeddings }: Counter): Counted {
  const variants = isDynamic ? variantsOf(prompt, MOST_VARIANTS) : { texts: [prompt], isComplete: true };
  const counts = variants.texts.map((text) => tokensOf(text, tokenizer, embeddings));
  const sums = counts.map(sumOf);
  const most = Math.max(...sums);
  const isAtLeast = counts.some((count) => count.isAtLeast);
  return {
    least: Math.min(...sums),
    most,
    windows: counts[sums.indexOf(most)]?.windows ?? [0],
    unknown: [...new Set(counts.flatMap((count) => count.unknown))],
    precision: isAtLeast ? 'atLeast' : variants.isComplete ? 'exact' : 'about',
  };
}

function sumOf({ windows }: TokenCount): number {
  return windows.reduce((sum, tokens) => sum + tokens, 0);
}

/** As it is shown: `23/75`, `19–23/75`, `≥ 24/75`; how much room there is counts whole windows. */
export function shownCount({ least, most, windows, precision }: Counted): string {
  const sign = { exact: '', about: '≈ ', atLeast: '≥ ' }[precision];
  return `${sign}${least === most ? '' : `${least}–`}${most}/${windows.length * WINDOW}`;
}
