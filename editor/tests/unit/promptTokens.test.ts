/** Tokens are counted as the server counts them: held to a golden file that its tokenizer has made. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ClipTokenizer } from '../../src/model/clipTokenizer';
import { escaped, pairsOf, spansOf } from '../../src/model/promptLanguage';
import { type Embeddings, laidOut, tokensOf } from '../../src/model/promptTokens';

interface Case {
  readonly prompt: string;
  readonly spans: readonly (readonly [string, number])[];
  readonly windows: readonly number[];
  readonly unknown: number;
}

const GOLDEN = JSON.parse(readFileSync('tests/unit/fixtures/prompt_counts.json', 'utf-8')) as {
  readonly embeddings: Readonly<Record<string, number>>;
  readonly cases: readonly Case[];
};
const table = gunzipSync(readFileSync('../diffusion/clip/vocabulary/bpe_simple_vocab_16e6.txt.gz'));
const tokenizer = new ClipTokenizer(table.toString('utf-8').split('\n').slice(1, 48895).join('\n'));
const embeddings: Embeddings = new Map(Object.entries(GOLDEN.embeddings));

describe('prompts', () => {
  it('are many in the golden file', () => {
    expect(GOLDEN.cases.length).toBeGreaterThan(400);
  });

  it.each(GOLDEN.cases.map((each) => [JSON.stringify(each.prompt).slice(0, 70), each] as const))(
    'are read and counted as by the server: %s',
    (_, { prompt, spans, windows, unknown }) => {
      const found = spansOf(prompt).map(({ text, weight }) => [text, Number(weight.toPrecision(9))]);
      expect(found).toEqual(spans);
      const count = tokensOf(prompt, tokenizer, embeddings);
      expect(count.windows).toEqual(windows);
      expect(count.unknown).toHaveLength(unknown);
      expect(count.isAtLeast).toBe(false);
    },
  );

  it('tell which parentheses have no partner', () => {
    expect(pairsOf('a (b) \\( c').lonely).toEqual([]);
    expect(pairsOf('(a (b) )) (').lonely).toEqual([8, 10]);
    expect(pairsOf(':) ((x)').lonely).toEqual([1, 3]);
  });

  it('mean a text exactly once it is escaped', () => {
    for (const text of ['a (b)', '((', 'x:1.2)', '(a:1.3)'])
      expect(spansOf(escaped(text))).toEqual([{ text, weight: 1 }]);
  });

  it('say so where an embedding does not tell its size', () => {
    const count = tokensOf('a embedding:old cat', tokenizer, new Map([['old', null]]));
    expect(count).toEqual({ windows: [3], unknown: [], isAtLeast: true });
  });
});

describe('windows', () => {
  it('keep short words whole and split long ones', () => {
    expect(laidOut([])).toEqual([0]);
    expect(laidOut([74, 2])).toEqual([74, 2]);
    expect(laidOut([70, 7])).toEqual([70, 7]);
    expect(laidOut([70, 8])).toEqual([75, 3]);
    expect(laidOut([160])).toEqual([75, 75, 10]);
  });

  it('are counted quickly, whatever is pasted', () => {
    const texts = ['a'.repeat(20_000), 'ab'.repeat(20_000), '(cat:1.2), '.repeat(5_000), '('.repeat(20_000)];
    for (const text of texts) expect(tokensOf(text, tokenizer, embeddings).windows.length).toBeGreaterThan(1);
  });
});
