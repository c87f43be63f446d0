/** What the editor finds wrong before it sends a prompt: the server's rules, and nothing that is the server's to judge. */

import { describe, expect, it } from 'vitest';
import { readDefinitions } from '../../src/model/schema';
import type { Json, JsonObject } from '../../src/model/types';
import { keyOfFinding, validated } from '../../src/model/validate';

const about = (required: JsonObject, output: readonly string[], terminal = false): JsonObject => ({
  input: { required },
  output,
  output_node: terminal,
});
const DEFINITIONS = readDefinitions({
  Load: about({ name: [['a.safetensors', 'b.safetensors'], {}] }, ['MODEL']),
  Read: about({ image: [['a.png'], { image_upload: true }] }, ['IMAGE']),
  Sample: {
    ...about(
      {
        model: ['MODEL', {}],
        seed: ['INT', { min: 0, max: 18446744073709551615n }],
        cfg: ['FLOAT', { min: 0, max: 100 }],
        level: [[1, 2, 3], {}],
      },
      ['IMAGE'],
    ),
  },
  Far: about({ name: ['COMBO', { options: [], remote: { route: '/x' } }] }, ['MODEL']),
  Empty: about({ name: [[], {}] }, ['MODEL']),
  Tags: about({ tags: ['COMBO', { options: ['x', 'y'], multiselect: true }] }, ['MODEL']),
  Save: about({ images: ['IMAGE', {}] }, [], true),
});

const step = (class_type: string, inputs: JsonObject): JsonObject => ({ class_type, inputs });
const SOUND: JsonObject = {
  '1': step('Load', { name: 'a.safetensors' }),
  '2': step('Sample', { model: ['1', 0], seed: 5, cfg: 7.5, level: 2 }),
  '3': step('Save', { images: ['2', 0] }),
};
const found = (changes: JsonObject, targets: readonly string[] | null = null) => {
  const { findings, isHopeless } = validated({ ...SOUND, ...changes }, DEFINITIONS, targets);
  return [findings.map(({ node, input, code }) => `${node} ${input?.name ?? ''} ${code}`), isHopeless];
};
const sample = (inputs: Readonly<Record<string, Json>>): JsonObject => ({
  '2': step('Sample', { model: ['1', 0], seed: 5, cfg: 7.5, level: 2, ...inputs }),
});

describe('a prompt', () => {
  it('that is sound has nothing to find', () => {
    expect(found({})).toEqual([[], false]);
  });

  it('is refused for what is missing, out of range, not among the choices, or of no known kind', () => {
    expect(found({ '3': step('Save', {}) })).toEqual([['3 images required_input_missing'], true]);
    expect(found(sample({ cfg: -1 }))).toEqual([['2 cfg value_smaller_than_min'], true]);
    expect(found(sample({ cfg: 100.5 }))).toEqual([['2 cfg value_bigger_than_max'], true]);
    expect(found(sample({ level: 4 }))).toEqual([['2 level value_not_in_list'], true]);
    expect(found({ '1': step('Load', { name: 'gone' }) })).toEqual([['1 name value_not_in_list'], true]);
    expect(found({ '1': step('Empty', { name: 'gone' }) })).toEqual([['1 name value_not_in_list'], true]);
    expect(found({ '9': step('Nobody', {}) })).toEqual([['9  missing_node_type'], true]);
  });

  it('may hold the largest seed, numbers as texts, values in lists, and links for values', () => {
    expect(found(sample({ seed: 18446744073709551615n }))).toEqual([[], false]);
    expect(found(sample({ seed: 18446744073709551616n }))).toEqual([['2 seed value_bigger_than_max'], true]);
    expect(found(sample({ level: '2', seed: '7' }))).toEqual([[], false]);
    expect(found(sample({ seed: ['1', 0], cfg: ['1', 0] }))).toEqual([[], false]);
    expect(found({ '1': step('Tags', { tags: { __value__: ['x', 'y'] } }) })).toEqual([[], false]);
    expect(found({ '1': step('Tags', { tags: { __value__: ['x', 'z'] } }) })[0]).toEqual([
      '1 tags value_not_in_list',
    ]);
  });

  it('with uploaded files or lists from elsewhere is for the server to judge', () => {
    expect(found({ '1': step('Far', { name: 'anything' }) })).toEqual([[], false]);
    expect(found({ '2': step('Read', { image: 'new.png [output]' }) })).toEqual([[], false]);
  });

  it('runs in part where an output is sound, and is not judged where nothing needs it', () => {
    const other = { '4': step('Save', {}) };
    expect(found(other)).toEqual([['4 images required_input_missing'], false]);
    expect(found(other, ['4'])).toEqual([['4 images required_input_missing'], true]);
    expect(found(other, ['3'])).toEqual([[], false]);
    expect(found({ '4': step('Load', { name: 'gone' }) })).toEqual([[], false]);
  });

  it('is let go where the server is known to take the same', () => {
    const wrong = { ...SOUND, ...sample({ cfg: -1 }) };
    const [finding] = validated(wrong, DEFINITIONS, null).findings;
    if (finding === undefined) throw new Error('nothing found');
    const trusts = (each: typeof finding) => keyOfFinding(each) === keyOfFinding(finding);
    expect(validated(wrong, DEFINITIONS, null, trusts)).toEqual({ findings: [], isHopeless: false });
    const worse = { ...SOUND, ...sample({ cfg: -2 }) };
    expect(validated(worse, DEFINITIONS, null, trusts).isHopeless).toBe(true);
  });

  it('with links in a ring is looked at and ends', () => {
    expect(found({ '1': step('Load', { name: ['2', 0] }) })).toEqual([[], false]);
  });
});
