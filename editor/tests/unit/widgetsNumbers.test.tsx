/** Numbers, choices, weights and seeds of widgets, without a page. */

import { describe, expect, it } from 'vitest';
import { spansOf } from '../../src/model/promptLanguage';
import { choicesOf, found, picked } from '../../src/widgets/choices';
import { numberText, parsedNumber, partOf, pixelsPerStep, stepped } from '../../src/widgets/numbers';
import { socketOf, socketValue } from '../../src/widgets/partners';
import { fileNamed } from '../../src/widgets/pictures';
import { randomSeed } from '../../src/widgets/seeds';
import { weighted } from '../../src/widgets/weights';
import { widget } from './widgetsKit';

const MOST = (1n << 64n) - 1n;

describe('numbers as text', () => {
  it('are read exactly', () => {
    expect(parsedNumber('18446744073709551615', 'integer')).toBe(MOST);
    expect(parsedNumber(' 1 024 ', 'integer')).toBe(1024);
    expect(parsedNumber('-7', 'integer')).toBe(-7);
    expect(parsedNumber('+7', 'integer')).toBe(7);
    expect(parsedNumber('7.6', 'integer')).toBe(8);
    expect(parsedNumber('1,5', 'float')).toBe(1.5);
    expect(parsedNumber('１２．５', 'float')).toBe(12.5);
    expect(parsedNumber('1e-3', 'float')).toBe(0.001);
    expect(parsedNumber('.5', 'float')).toBe(0.5);
  });

  it('are none where there is none', () => {
    for (const text of ['', '-', 'abc', '1.2.3', '0x10', 'Infinity', 'NaN', '1,234,5']) {
      expect(parsedNumber(text, 'float'), text).toBeNull();
      expect(parsedNumber(text, 'integer'), text).toBeNull();
    }
  });

  it('are shown with the decimals of the widget but never rounded', () => {
    const float = widget({ kind: 'float', decimals: 2 });
    expect(numberText(8, float)).toBe('8.00');
    expect(numberText(2.34567, float)).toBe('2.34567');
    expect(numberText(MOST, widget({ kind: 'integer' }))).toBe('18446744073709551615');
    expect(numberText('randomize', float)).toBe('randomize');
    expect(numberText(null, float)).toBe('');
  });

  it('step without rounding', () => {
    const seed = widget({ kind: 'integer' });
    expect(stepped(MOST - 1n, seed, 1)).toBe(MOST);
    expect(stepped(Number.MAX_SAFE_INTEGER, seed, 2)).toBe(9007199254740993n);
    expect(stepped(512, widget({ kind: 'integer', step: 8 }), -10)).toBe(432);
    expect(stepped(0.1, widget({ kind: 'float', step: 0.1, decimals: 1 }), 2)).toBe(0.3);
    expect(stepped(0, widget({ kind: 'float', step: 1e-7, decimals: 3 }), 1)).toBe(1e-7);
    expect(stepped('broken', seed, 1)).toBe(1);
  });

  it('know where they lie in their range', () => {
    const unit = widget({ kind: 'float', minimum: 0, maximum: 1, step: 0.01 });
    expect(partOf(0.25, unit)).toBe(0.25);
    expect(partOf(7, unit)).toBe(1);
    expect(partOf(7, widget({ kind: 'float' }))).toBeNull();
    expect(pixelsPerStep(unit)).toBeCloseTo(2);
    expect(pixelsPerStep(widget({ kind: 'integer', minimum: 0, maximum: MOST }))).toBe(1);
    expect(pixelsPerStep(widget({ kind: 'integer' }))).toBe(4);
  });
});

describe('weights', () => {
  const by = (text: string, chosen: string, amount: number) => {
    const start = text.indexOf(chosen);
    const after = weighted({ text, start, end: start + chosen.length }, amount);
    return after && [after.text, after.text.slice(after.start, after.end)];
  };

  it('are put around what is selected', () => {
    expect(by('a red cat here', 'red cat', 0.05)).toEqual(['a (red cat:1.05) here', 'red cat']);
    expect(by('a red cat here', ' red cat ', -0.05)).toEqual(['a (red cat:0.95) here', 'red cat']);
  });

  it('grow and vanish at one', () => {
    expect(by('a (red cat:1.05) here', 'red cat', 0.05)).toEqual(['a (red cat:1.1) here', 'red cat']);
    expect(by('a (red cat:1.05) here', '(red cat:1.05)', -0.05)).toEqual(['a red cat here', 'red cat']);
    expect(by('(red:1.95)', 'red', 0.05)).toEqual(['(red:2.0)', 'red']);
    expect(by('(a (b:1.2) c:1.1)', 'b', 0.05)).toEqual(['(a (b:1.25) c:1.1)', 'b']);
  });

  it('take the word at the cursor, or the weighted part around it', () => {
    expect(weighted({ text: 'a red cat', start: 4, end: 4 }, 0.05)?.text).toBe('a (red:1.05) cat');
    expect(weighted({ text: '(red cat:1.2), dog', start: 6, end: 6 }, -0.1)?.text).toBe('(red cat:1.1), dog');
    expect(weighted({ text: 'a  b', start: 2, end: 2 }, 0.05)).toBeNull();
    expect(weighted({ text: '', start: 0, end: 0 }, 0.05)).toBeNull();
  });

  it('leave escaped parentheses and nested text alone', () => {
    expect(by('\\(red:1.2\\)', 'red', 0.05)).toEqual(['\\((red:1.05):1.2\\)', 'red']);
    expect(by('(red cat:1.2)', 'red', 0.05)).toEqual(['((red:1.05) cat:1.2)', 'red']);
  });
});

describe('weights in the language of prompts', () => {
  const at = (marked: string, amount = 0.05): string | null => {
    const [start, end] = [marked.indexOf('|'), marked.lastIndexOf('|')];
    const text = marked.replaceAll('|', '');
    return weighted({ text, start, end: end > start ? end - 1 : end }, amount)?.text ?? null;
  };

  it.each([
    ['a (c|at)', 'a (cat:1.15)'],
    ['a (|cat|)', 'a (cat:1.15)'],
    ['((c|at))', '((cat:1.15))'],
    ['((a:1.2) b| c:1.3)', '((a:1.2) b c:1.35)'],
    ['(cat:.9|)', '(cat:0.95)'],
    ['(cat: 1e0 |)', '(cat:1.05)'],
    ['embedding:in|k', '(embedding:ink:1.05)'],
    ['(embedding:in|k:1.05)', '(embedding:ink:1.1)'],
    ['(embedding:|7)', '(embedding:7:1.15)'],
    ['a cat\\(ani|mal\\), b', 'a (cat\\(animal\\):1.05), b'],
    ['don|’t', '(don’t:1.05)'],
    ['{red, |}', null],
  ])('%s becomes %s', (before, after) => {
    expect(at(before)).toBe(after);
  });

  it('never cut through a group', () => {
    expect(at('|a (red| cat:1.2) b')).toBe('(a (red cat:1.2):1.05) b');
    expect(at('a (red |cat:1.2) b|')).toBe('a ((red cat:1.2) b:1.05)');
    expect(at('(a |red cat:1|.2)')).toBe('(a (red cat:1.05):1.2)');
    expect(at('|a) b|')).toBe('(a\\) b:1.05)');
    expect(at('(|a|) b', -0.1)).toBe('a b');
  });

  it('mean what they say', () => {
    for (const text of ['red', 'a) b', '(x', 'a (b) c', 'embedding:ink', 'ratio 16:9', 'a\\)b']) {
      const made = weighted({ text, start: 0, end: text.length }, 0.25)?.text ?? '';
      const before = spansOf(text);
      const after = spansOf(made);
      expect(after.map((span) => span.text).join('')).toBe(before.map((span) => span.text).join(''));
      for (const [index, span] of after.entries())
        expect(span.weight).toBeCloseTo((before[index]?.weight ?? 0) * 1.25);
    }
  });
});

describe('choices', () => {
  const sampler = widget({ kind: 'choice', choices: ['euler', 'dpm 2m', 'heun'] });

  it('keep a value that the server does not offer, marked and first', () => {
    expect(choicesOf(sampler, 'gone').map(({ text, isMissing }) => [text, isMissing])).toEqual([
      ['gone', true],
      ['euler', false],
      ['dpm 2m', false],
      ['heun', false],
    ]);
    expect(choicesOf(sampler, 'heun').some(({ isMissing }) => isMissing)).toBe(false);
    expect(choicesOf(widget({ kind: 'choice', choices: [1, 2] }), 1n)[0]?.isMissing).toBe(false);
  });

  it('are found by all words, beginnings first', () => {
    const choices = choicesOf(widget({ kind: 'choice', choices: ['the euler', 'Euler', 'heun'] }), 'heun');
    expect(found(choices, 'eul').map(({ text }) => text)).toEqual(['Euler', 'the euler']);
    expect(found(choices, 'eul the').map(({ text }) => text)).toEqual(['the euler']);
    expect(found(choices, ' ')).toBe(choices);
  });

  it('are added and taken away where several may be chosen', () => {
    const several = widget({ kind: 'choice', choices: ['a', 'b'], multiselect: true });
    expect(picked(several, ['a'], 'b')).toEqual(['a', 'b']);
    expect(picked(several, ['a', 'b'], 'a')).toEqual(['b']);
    expect(picked(several, '', 'a')).toEqual(['a']);
    expect(picked(sampler, 'euler', 'heun')).toBe('heun');
  });
});

describe('seeds', () => {
  it('stay within their bounds and reach both', () => {
    const seed = widget({ kind: 'integer', minimum: 0, maximum: MOST });
    expect(randomSeed(seed, () => MOST)).toBe(MOST);
    expect(randomSeed(seed, () => MOST + 1n)).toBe(0);
    expect(randomSeed(widget({ kind: 'integer', minimum: 5, maximum: 7 }), () => 5n)).toBe(7);
    expect(randomSeed(widget({ kind: 'integer', minimum: 5, maximum: 5 }))).toBe(5);
    for (let count = 0; count < 20; count += 1) expect(BigInt(randomSeed(seed)) <= MOST).toBe(true);
  });
});

describe('files and sockets as values', () => {
  it('are read', () => {
    expect(fileNamed('a.png')).toEqual({ filename: 'a.png', subfolder: '', type: 'input' });
    expect(fileNamed('in/deep/a.png [output]')).toEqual({
      filename: 'a.png',
      subfolder: 'in/deep',
      type: 'output',
    });
    expect(fileNamed('')).toBeNull();
    expect(fileNamed(7)).toBeNull();
    const socket = { node: 'a b', slot: 2, side: 'output' } as const;
    expect(socketOf(socketValue(socket))).toEqual(socket);
    expect(socketOf('nonsense')).toBeNull();
  });
});
