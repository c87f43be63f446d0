// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { setValue } from '../../src/model/edit';
import { objectOf, parseJson, stringifyJson } from '../../src/model/json';
import { toPrompt } from '../../src/model/prompt';
import { readWorkflow, writeWorkflow } from '../../src/model/serialize';
import { BIG, DEFINITIONS, FIRST, fixture, graphOf, inputsIn, nodeOf, promptOf } from './formatsKit';

describe('widget values', () => {
  const prompt = promptOf('values.json');

  it('go by name, without controls and upload buttons (rule 1)', () => {
    expect(Object.keys(inputsIn(promptOf('text_to_image_04.json'), '3')).sort()).toEqual(
      'cfg,denoise,latent_image,model,negative,positive,sampler_name,scheduler,seed,steps'.split(','),
    );
    expect(inputsIn(prompt, '4')).toEqual({ image: 'gone.png' });
    expect(inputsIn(prompt, '6')).toEqual({ count: 4, after: 9 });
  });

  it('are defaults where missing, and neither checked nor rounded (rule 2)', () => {
    expect(inputsIn(prompt, '3')).toEqual({
      seed: 0,
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'simple',
      denoise: 1,
    });
    expect(inputsIn(prompt, '5')).toEqual({
      whole: 3,
      part: 99.123456,
      kind: 'third',
      many: { __value__: ['x', 'y'] },
      note: '7',
    });
  });

  it('keep 64 bit (rule 14)', () => {
    expect(inputsIn(promptOf('text_to_image_04.json'), '3').seed).toBe(BIG);
    expect(stringifyJson(promptOf('text_to_image_04.json'))).toContain('"seed":18446744073709551615');
    expect(inputsIn(prompt, '8').noise_seed).toBe(BIG - 1n);
  });

  it('are sent with the title that is shown', () => {
    const sent = promptOf('text_to_image_04.json');
    expect(objectOf(sent['4'])._meta).toEqual({ title: 'Model' });
    expect(objectOf(sent['6'])._meta).toEqual({ title: 'CLIP Text Encode (Prompt)' });
  });
});

describe('links', () => {
  it('go by the name of the input (rule 3)', () => {
    expect(inputsIn(promptOf('text_to_image_04.json'), '3')).toMatchObject({
      model: ['4', 0],
      positive: ['6', 0],
      latent_image: ['5', 0],
    });
  });

  it('from a muted node are gone, and a widget takes its value (rule 4)', () => {
    const prompt = promptOf('bypass_mute.json');
    expect(prompt).not.toHaveProperty('9');
    expect(prompt).not.toHaveProperty('12');
    expect(inputsIn(prompt, '10').whole).toBe(24);
  });

  it('pass through a bypassed node by position and type (rule 5)', () => {
    const prompt = promptOf('bypass_mute.json');
    expect(prompt).not.toHaveProperty('2');
    expect(inputsIn(prompt, '3').mask).toEqual(['1', 1]);
    expect(inputsIn(prompt, '4').images).toEqual(['1', 0]);
    expect(inputsIn(prompt, '5').images).toEqual(['1', 0]);
  });

  it('vanish at the one input that a bypassed node chooses (rule 5)', () => {
    const prompt = promptOf('bypass_mute.json');
    expect(inputsIn(prompt, '6')).toEqual({});
    expect(inputsIn(prompt, '8')).toEqual({ filename_prefix: 'c' });
    expect(inputsIn(prompt, '10').note).toBe('t');
  });

  it('pass through reroutes, also bypassed ones, not through muted or open ones (rule 6)', () => {
    const prompt = promptOf('reroutes_04.json');
    expect(Object.keys(prompt)).toEqual(['1', '3', '4', '6', '8', '10']);
    expect(inputsIn(prompt, '3').samples).toEqual(['1', 0]);
    expect(inputsIn(prompt, '4').samples).toEqual(['3', 0]);
    expect(inputsIn(prompt, '6')).not.toHaveProperty('samples');
    expect(inputsIn(prompt, '8')).not.toHaveProperty('samples');
    expect(inputsIn(prompt, '10').samples).toEqual(['3', 0]);
  });

  it('do not see the points that links are led through', () => {
    const prompt = promptOf('reroutes_10.json');
    expect(inputsIn(prompt, '2').samples).toEqual(['1', 0]);
    expect(inputsIn(prompt, '3').samples).toEqual(['1', 0]);
  });
});

describe('primitives (rule 7)', () => {
  const prompt = promptOf('primitives.json');

  it('set a widget within its range, whatever their own mode', () => {
    expect(inputsIn(prompt, '3')).toMatchObject({ whole: 704, part: 3.3 });
  });

  it('have no effect behind a reroute', () => {
    expect(inputsIn(prompt, '6')).toMatchObject({ whole: 24, part: 1.23456, kind: 'unheard of', note: '5' });
  });

  it.each([
    [1.26, 1.3],
    [3.25, 3.3],
    [-4, 0],
    [11, 10],
  ])('round %f to %f', (value, rounded) => {
    const graph = setValue(graphOf('primitives.json'), '2', 'value', value);
    expect(inputsIn(toPrompt(graph, DEFINITIONS, FIRST).prompt, '3').part).toBe(rounded);
  });

  it.each([
    [2000, 1024],
    [0, 16],
    [19, 16],
    [20, 24],
  ])('step %i to %i', (value, stepped) => {
    const graph = setValue(graphOf('primitives.json'), '1', 'value', value);
    expect(inputsIn(toPrompt(graph, DEFINITIONS, FIRST).prompt, '3').whole).toBe(stepped);
  });

  it('replace names in their text if they are told to', () => {
    expect(inputsIn(prompt, '9').label).toBe('a_b_x');
  });

  it('are not sent themselves (rule 13)', () => {
    expect(Object.keys(prompt)).toEqual(['3', '6', '8', '9']);
  });
});

describe('subgraphs (rule 10)', () => {
  const prompt = promptOf('subgraphs.json');

  it('give their nodes with ids of the way there', () => {
    expect(Object.keys(prompt).sort()).toEqual(['1', '2:30:20', '2:30:21', '2:31', '3']);
    const { origins } = toPrompt(graphOf('subgraphs.json'), DEFINITIONS);
    expect(origins.get('2:30:20')).toEqual({ path: ['2', '30'], node: '20' });
    expect(origins.get('3')).toEqual({ path: [], node: '3' });
  });

  it('link through their boundaries, reroutes and bypassed nodes', () => {
    expect(inputsIn(prompt, '3').samples).toEqual(['2:31', 0]);
    expect(inputsIn(prompt, '2:30:20').clip).toEqual(['1', 1]);
    expect(inputsIn(prompt, '2:31').positive).toEqual(['2:30:20', 0]);
    expect(inputsIn(prompt, '2:31').negative).toEqual(['2:30:20', 0]);
  });

  it("give an instance's value to all widgets that its input leads to", () => {
    expect(inputsIn(prompt, '2:30:20').text).toBe('outermost');
    expect(inputsIn(prompt, '2:30:21').text).toBe('outermost');
  });

  it('let a link from outside win', () => {
    expect(inputsIn(promptOf('subgraphs_linked.json'), '2:30:21').text).toBe('linked in');
  });

  it('take their own value where the link outside leads to nothing', () => {
    const graph = graphOf('subgraphs_linked.json');
    const nodes = new Map(graph.nodes).set('4', { ...nodeOf(graph, '4'), type: 'Whole', mode: 2 });
    const sent = toPrompt({ ...graph, nodes }, DEFINITIONS, FIRST).prompt;
    expect(inputsIn(sent, '2:30:20').text).toBe('outermost');
  });

  it('keep what is inside where the instance has no value', () => {
    const graph = graphOf('subgraphs.json');
    const nodes = new Map(graph.nodes).set('2', { ...nodeOf(graph, '2'), values: new Map() });
    const sent = toPrompt({ ...graph, nodes }, DEFINITIONS, FIRST).prompt;
    expect(inputsIn(sent, '2:30:20').text).toBe('from within');
  });

  it('make one choice for all inputs that get one text', () => {
    const graph = setValue(graphOf('subgraphs.json'), '2', 'words', '{a|b|c|d|e|f}');
    let calls = 0;
    const random = () => (calls++ % 6) / 6;
    const sent = toPrompt(graph, DEFINITIONS, { random }).prompt;
    expect(inputsIn(sent, '2:30:20').text).toBe(inputsIn(sent, '2:30:21').text);
  });

  it('set widgets inside as proxies say', () => {
    const sent = promptOf('subgraphs_proxies.json');
    expect(inputsIn(sent, '2:31')).toMatchObject({ seed: BIG - 5n, steps: 5, cfg: 1 });
    expect(inputsIn(sent, '2:30:20').text).toBe('said outside');
  });

  it('are left out whole when muted or bypassed', () => {
    const muted = promptOf('subgraphs_muted.json');
    expect(Object.keys(muted)).toEqual(['1', '3']);
    expect(inputsIn(muted, '3')).not.toHaveProperty('samples');
    expect(Object.keys(promptOf('subgraphs_bypassed.json'))).toEqual(['1', '3']);
  });

  it('are refused when one holds itself, or many multiply', () => {
    const graph = graphOf('subgraphs.json');
    const [inner, outer] = [...graph.subgraphs.values()];
    if (inner === undefined || outer === undefined) throw new Error('two subgraphs are there');
    const self = { ...nodeOf(graph, '2'), id: '40', type: outer.id };
    const body = { ...inner.body, nodes: new Map([['40', self]]) };
    const endless = { ...graph, subgraphs: new Map(graph.subgraphs).set(inner.id, { ...inner, body }) };
    expect(() => toPrompt(endless, DEFINITIONS)).toThrow('format.endless');
    expect(() => readWorkflow(writeWorkflow(endless, DEFINITIONS), DEFINITIONS)).not.toThrow();
    const level = (at: number) => ({ ...inner, id: `level ${at}`, inputs: [], outputs: [] });
    const copies = (type: string) =>
      new Map(Array.from({ length: 20 }, (_, at) => [`${at}`, { ...nodeOf(graph, '1'), id: `${at}`, type }]));
    const levels = Array.from({ length: 8 }, (_, at) => {
      const nodes = copies(at === 7 ? 'Whole' : `level ${at + 1}`);
      return { ...level(at), body: { ...inner.body, nodes, links: new Map() } };
    });
    const bomb = { ...graph, nodes: copies('level 0'), links: new Map() };
    const subgraphs = new Map(levels.map((item) => [item.id, item]));
    expect(() => toPrompt({ ...bomb, subgraphs }, DEFINITIONS)).toThrow('format.tooManyNodes');
  });
});

describe('group nodes (rule 11)', () => {
  const prompt = promptOf('group_node.json');

  it('give their nodes, with the values that stand in a row', () => {
    expect(Object.keys(prompt).sort()).toEqual(['1', '2:0', '2:1', '3']);
    expect(inputsIn(prompt, '2:0')).toEqual({ text: 'said', clip: ['1', 1] });
    expect(inputsIn(prompt, '2:1')).toEqual({
      seed: BIG,
      steps: 9,
      cfg: 2.5,
      sampler_name: 'heun',
      scheduler: 'karras',
      denoise: 0.5,
      model: ['1', 0],
      positive: ['2:0', 0],
      negative: ['2:0', 0],
    });
    expect(inputsIn(prompt, '3').samples).toEqual(['2:1', 0]);
  });

  it('are known under both marks', () => {
    const file = parseJson(
      stringifyJson(fixture('group_node.json')).replace('workflow>pair', 'workflow/pair'),
    );
    expect(toPrompt(readWorkflow(file, DEFINITIONS), DEFINITIONS, FIRST).prompt).toEqual(prompt);
  });
});

describe('what is sent (rules 12 and 13)', () => {
  it('has new names', () => {
    const prompt = promptOf('values.json');
    expect(objectOf(prompt['9']).class_type).toBe('ConditioningAverage');
    expect(inputsIn(prompt, '8').sampler_name).toBe('euler');
  });

  it('has nodes without consumers and odd modes, but no notes', () => {
    const prompt = promptOf('bypass_mute.json');
    expect(prompt).toHaveProperty('13');
    expect(prompt).toHaveProperty('14');
    expect(Object.keys(promptOf('text_to_image_04.json'))).toEqual(['3', '4', '5', '6', '7', '8', '9']);
  });

  it('has nodes of unknown types, for the server to say what is wrong', () => {
    const prompt = promptOf('unknown.json');
    expect(prompt.seven).toMatchObject({ class_type: 'Unheard (pack) <b>', inputs: { in: ['1', 0] } });
    expect(inputsIn(prompt, '8')).toEqual({ format: 'mp4', preview: { hidden: false }, x: ['seven', 0] });
  });

  it('has no way round in circles', () => {
    const graph = graphOf('reroutes_04.json');
    const link = { ...(graph.links.get(1) ?? fail()), source: '2' };
    const sent = toPrompt({ ...graph, links: new Map(graph.links).set(1, link) }, DEFINITIONS).prompt;
    expect(inputsIn(sent, '3')).not.toHaveProperty('samples');
  });
});

function fail(): never {
  throw new Error('it is there');
}
