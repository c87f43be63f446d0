// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { graphFromPrompt, isPrompt } from '../../src/model/apiFormat';
import { setMode } from '../../src/model/edit';
import { objectOf, parseJson, stringifyJson } from '../../src/model/json';
import { toPrompt } from '../../src/model/prompt';
import { readWorkflow, writeWorkflow } from '../../src/model/serialize';
import type { JsonObject } from '../../src/model/types';
import { at, BIG, DEFINITIONS, fixture, nodeOf, SHIPPED } from './formatsKit';

describe('graphs of prompts', () => {
  function withoutMeta(prompt: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(prompt).map(([id, step]) => {
        const { class_type, inputs } = objectOf(step);
        return [id, { class_type: class_type ?? null, inputs: inputs ?? null }];
      }),
    );
  }

  it('find the shipped workflows', () => {
    expect(SHIPPED.size).toBeGreaterThanOrEqual(8);
  });

  it.each([...SHIPPED])('give the prompt back, also by way of a file: %s', (_, text) => {
    const prompt = objectOf(parseJson(text));
    expect(isPrompt(prompt)).toBe(true);
    const graph = graphFromPrompt(prompt, DEFINITIONS);
    // A value of another node in the name of a file is put in before sending (rule 9).
    const expected = objectOf(parseJson(text.replace('%Weighted.seed%', '1')));
    expect(toPrompt(graph, DEFINITIONS).prompt).toEqual(expected);
    const file = parseJson(stringifyJson(writeWorkflow(graph, DEFINITIONS)));
    expect(toPrompt(readWorkflow(file, DEFINITIONS), DEFINITIONS).prompt).toEqual(expected);
  });

  it.each([...SHIPPED])('give it back without knowing any node: %s', (_, text) => {
    const prompt = objectOf(parseJson(text));
    const graph = graphFromPrompt(prompt, new Map());
    expect(withoutMeta(toPrompt(graph, new Map()).prompt)).toEqual(withoutMeta(prompt));
    const file = writeWorkflow(graph, new Map());
    expect(withoutMeta(toPrompt(readWorkflow(file, new Map()), new Map()).prompt)).toEqual(
      withoutMeta(prompt),
    );
  });

  it('lay nodes out from left to right', () => {
    const graph = graphFromPrompt(parseJson(SHIPPED.get('text_to_image.json') ?? ''), DEFINITIONS);
    for (const { source, target } of graph.links.values()) {
      expect(nodeOf(graph, source).pos[0]).toBeLessThan(nodeOf(graph, target).pos[0]);
    }
    expect(nodeOf(graph, '5').values.get('seed.control')).toBe('fixed');
  });

  it('keep odd ids, long seeds, lists and inputs that nobody knows', () => {
    const prompt: JsonObject = {
      '5:3': { class_type: 'Whole', inputs: {}, _meta: { title: 'Whole' } },
      a: {
        class_type: 'Numbers',
        inputs: { whole: ['5:3', 0], part: 1, kind: 'z', many: { __value__: [1, 2] }, note: 'n', old: BIG },
        _meta: { title: 'Mine' },
      },
      b: { class_type: 'Unknown', inputs: { x: ['a', 3], y: [['z']], list: ['nobody', 0] } },
    };
    const sent = toPrompt(graphFromPrompt(prompt, DEFINITIONS), DEFINITIONS).prompt;
    expect(at(sent, '5:3')).toEqual(prompt['5:3']);
    expect(at(sent, 'a')).toEqual(prompt.a);
    expect(at(sent, 'b', 'inputs', 'x')).toEqual(['a', 3]);
    expect(at(sent, 'b', 'inputs', 'list')).toEqual({ __value__: ['nobody', 0] });
  });

  it('are not made of other JSON', () => {
    for (const data of [null, {}, [], { a: 1 }, { a: { class_type: 1 } }, fixture('values.json')]) {
      expect(isPrompt(data)).toBe(false);
      expect(() => graphFromPrompt(data, DEFINITIONS)).toThrow('format.notAWorkflow');
    }
  });

  it('follow edits', () => {
    const graph = graphFromPrompt(parseJson(SHIPPED.get('text_to_image.json') ?? ''), DEFINITIONS);
    expect(toPrompt(setMode(graph, ['7'], 2), DEFINITIONS).prompt).not.toHaveProperty('7');
  });
});
