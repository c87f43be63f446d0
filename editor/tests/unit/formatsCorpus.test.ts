// @vitest-environment node
/** The corpus of the headless converter (tests/graph/formats/corpus): both make the same prompt of every file. */
import { describe, expect, it } from 'vitest';
import { parseJson, sameJson, stringifyJson } from '../../src/model/json';
import { toPrompt } from '../../src/model/prompt';
import { readDefinitions } from '../../src/model/schema';
import { readWorkflow, writeWorkflow } from '../../src/model/serialize';
import { FIRST } from './formatsKit';

const files = import.meta.glob<string>('../../../tests/graph/formats/corpus/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const texts = new Map(Object.entries(files).map(([path, text]) => [path.split('/').at(-1) ?? path, text]));
const names = [...texts.keys()].filter((name) => /^\d/.test(name) && !name.endsWith('.api.json'));

function read(name: string) {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`no corpus file ${name}`);
  return parseJson(text);
}

const definitions = readDefinitions(read('object_info.json'));

describe('a file of the corpus', () => {
  it('is there', () => {
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  it.each(names)('%s becomes the prompt that was judged by hand', (name) => {
    const expected = read(name.replace('.json', '.api.json'));
    const { prompt } = toPrompt(readWorkflow(read(name), definitions), definitions, FIRST);
    expect(prompt).toEqual(expected);
    expect(sameJson(prompt, expected), stringifyJson(prompt)).toBe(true);
  });

  it.each(names)('%s saved again becomes the same prompt', (name) => {
    const saved = writeWorkflow(readWorkflow(read(name), definitions), definitions);
    const { prompt } = toPrompt(readWorkflow(saved, definitions), definitions, FIRST);
    expect(sameJson(prompt, read(name.replace('.json', '.api.json')))).toBe(true);
  });
});
