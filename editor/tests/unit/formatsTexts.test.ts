// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { lonelyBraces, variantsOf, withChoicesMade } from '../../src/model/dynamicPrompts';
import { setValue } from '../../src/model/edit';
import { toPrompt } from '../../src/model/prompt';
import { withReplacements } from '../../src/model/textReplacements';
import type { Json } from '../../src/model/types';
import { DEFINITIONS, FIRST, graphOf, inputsIn, promptOf } from './formatsKit';

describe('dynamic prompts (rule 8)', () => {
  it('are made when the prompt is', () => {
    expect(inputsIn(promptOf('texts.json'), '1').text).toBe('red \nhttp:');
    expect(inputsIn(promptOf('texts.json', { random: () => 0.99 }), '1').text).toBe('green \nhttp:');
  });

  it.each([
    ['{a|b}{c|d}', 'ac'],
    ['{a{b|c}|d}', 'ab'],
    ['\\{a\\|b\\}', '{a|b}'],
    ['a|b', 'a|b'],
    ['open { a|b', 'open { a|b'],
    ['shut } a', 'shut } a'],
    ['a { {b|c}', 'a { b'],
    ['{|x}', ''],
    ['{only}', 'only'],
    ['a // b\nc', 'a \nc'],
    ['a /* b\n c */ d', 'a  d'],
    ['C:\\dir', 'C:\\dir'],
    ['end\\', 'end\\'],
  ])('%j', (text, made) => {
    expect(withChoicesMade(text, () => 0)).toBe(made);
  });

  it('choose every option', () => {
    const made = [0, 0.34, 0.67, 0.999].map((number) => withChoicesMade('{a|b|c}', () => number));
    expect(made).toEqual(['a', 'b', 'c', 'c']);
  });

  it('take linear time', () => {
    const started = performance.now();
    withChoicesMade(`${'{'.repeat(200_000)}}`, () => 0);
    withChoicesMade('{a|'.repeat(100_000) + '}'.repeat(100_000), () => 0);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('may become so many texts, all of them where they are few', () => {
    expect(variantsOf('a cat // no', 8)).toEqual({ texts: ['a cat '], isComplete: true });
    const { texts, isComplete } = variantsOf('{a|b{c|d}} \\{e|f', 8);
    expect(isComplete).toBe(true);
    expect(new Set(texts)).toEqual(new Set(['a {e|f', 'bc {e|f', 'bd {e|f']));
    const many = variantsOf('{|a|bb} '.repeat(9), 20);
    expect(many.isComplete).toBe(false);
    expect(many.texts).toHaveLength(20);
    expect(many.texts.slice(0, 2).map((text) => text.length)).toEqual([9, 27]);
    expect(new Set(many.texts).size).toBeGreaterThan(15);
  });

  it('tell which braces have no partner', () => {
    expect(lonelyBraces('{a|b} \\{ c')).toEqual([]);
    expect(lonelyBraces('{ {a} } } {')).toEqual([8, 10]);
    expect(lonelyBraces('a // {\n} /* { */ {')).toEqual([7, 17]);
  });

  it('touch no other text', () => {
    const graph = setValue(graphOf('texts.json'), '4', 'label', '{a|b} // c');
    expect(inputsIn(toPrompt(graph, DEFINITIONS, FIRST).prompt, '4').label).toBe('{a|b} // c');
  });
});

describe('names of files (rule 9)', () => {
  it('take values of other nodes and the time', () => {
    expect(inputsIn(promptOf('texts.json'), '3').filename_prefix).toBe(
      '320x200/a_b_c_d_e_f_g_h_i_j_2026-11-21 09-05-07_%width%_%nobody.x%',
    );
  });

  it('are the only texts that do', () => {
    expect(inputsIn(promptOf('texts.json'), '5').label).toBe('%Size.width%');
  });

  it.each([
    ['%date:yy-M-d h:m:s%', '26-11-21 9:5:7'],
    ['%date:%', ''],
    ['100% of %a', '100% of %a'],
    ['%a.b.c%', 'a.b/c'],
  ])('%j', (text, made) => {
    const value = (node: string, widget: string): Json => `${node}/${widget}`;
    const now = FIRST.now ?? new Date();
    expect(withReplacements(text, { value, now })).toBe(made.replace('/', '_'));
  });
});
