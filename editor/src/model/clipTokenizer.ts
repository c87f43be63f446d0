/**
 * The tokenizer of CLIP over the vocabulary that ships: how many tokens a text is (Radford et al. 2021, section 2.4).
 *
 * It is the counterpart of `diffusion/clip/tokenizer.py`; a golden file made by that one holds it to the same counts.
 */

import { SPACE } from './promptLanguage';

const END_OF_WORD = '</w>';
const MARKS = /<\|startoftext\|>|<\|endoftext\|>/u;
/** What CLIP calls a word: the two marks, English endings, runs of letters, single digits, runs of anything else. */
const WORDS = new RegExp(
  `<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^${SPACE}\\p{L}\\p{N}]+`,
  'gu',
);
/** The words of the byte-level step after it, which takes marks apart that were not written as such. */
const PARTS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}+|[^\p{L}\p{N}]+/gu;
const MOST_KNOWN = 20_000;

export class ClipTokenizer {
  private readonly ranks: ReadonlyMap<string, number>;
  private readonly known = new Map<string, number>();
  private readonly bytes = byteSymbols();
  private readonly encoder = new TextEncoder();

  /** `merges`: the table as lines of two symbols, the most frequent first. */
  constructor(merges: string) {
    this.ranks = new Map(merges.split('\n').map((line, rank) => [line, rank]));
  }

  /** The number of tokens of a text, without marks at its ends. */
  count(text: string): number {
    const parts = text.split(MARKS);
    return parts.reduce((sum, part) => sum + this.countPlain(part), parts.length - 1);
  }

  private countPlain(text: string): number {
    let sum = 0;
    for (const [word] of lowered(text.normalize('NFC')).matchAll(WORDS))
      for (const [part] of word.matchAll(PARTS)) sum += this.countWord(part);
    return sum;
  }

  private countWord(word: string): number {
    const known = this.known.get(word);
    if (known !== undefined) return known;
    const count = this.merged(word).length;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(word, count);
    return count;
  }

  /** The symbols of a word after all merges: always the most frequent pair, wherever it stands. */
  private merged(word: string): readonly string[] {
    let symbols = [...this.encoder.encode(word)].map((byte) => this.bytes[byte] ?? '');
    symbols.push(`${symbols.pop() ?? ''}${END_OF_WORD}`);
    for (let best = this.bestPair(symbols); best !== null; best = this.bestPair(symbols))
      symbols = joined(symbols, best);
    return symbols;
  }

  private bestPair(symbols: readonly string[]): string | null {
    let best: string | null = null;
    let lowest = Number.POSITIVE_INFINITY;
    for (let at = 0; at + 1 < symbols.length; at += 1) {
      const pair = `${symbols[at]} ${symbols[at + 1]}`;
      const rank = this.ranks.get(pair) ?? Number.POSITIVE_INFINITY;
      if (rank < lowest) [best, lowest] = [pair, rank];
    }
    return best;
  }
}

function joined(symbols: readonly string[], pair: string): string[] {
  const next: string[] = [];
  for (let at = 0; at < symbols.length; at += 1) {
    const [left = '', right] = [symbols[at], symbols[at + 1]];
    const isPair = right !== undefined && `${left} ${right}` === pair;
    next.push(isPair ? left + right : left);
    if (isPair) at += 1;
  }
  return next;
}

/** Letter by letter, so that no letter depends on its neighbours (as a Greek sigma at the end of a word would). */
function lowered(text: string): string {
  return Array.from(text, (letter) => letter.toLowerCase()).join('');
}

/** The printable characters that stand for the 256 bytes, by byte. */
function byteSymbols(): readonly string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    if (isPrintable(byte)) return String.fromCharCode(byte);
    next += 1;
    return String.fromCharCode(next - 1);
  });
}
