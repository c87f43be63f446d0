import { describe, expect, it } from 'vitest';
import { bestSocket, candidates, typesFit } from '../../src/model/connect';
import type { Widget } from '../../src/model/definition';
import { newNode } from '../../src/model/edit';
import { parseJson } from '../../src/model/json';
import {
  MIN_WIDTH,
  minimalSize,
  previewTop,
  ROW_HEIGHT,
  rowsOf,
  socketPosition,
  TEXT_HEIGHT,
  TITLE_HEIGHT,
} from '../../src/model/measures';
import { fitted, initialValue, readDefinitions } from '../../src/model/schema';
import type { Json } from '../../src/model/types';
import { definition, definitions } from './model_graphs';

function widget(type: string, name: string): Widget {
  const found = definition(type).widgets.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function read(inputs: Json): readonly Widget[] {
  return readDefinitions({ Node: { input: { required: inputs } } }).get('Node')?.widgets ?? [];
}

describe('definitions', () => {
  it('reads the kinds of nodes that a server tells', () => {
    expect(definitions.size).toBe(8);
    const sampler = definition('KSampler');
    expect(sampler.inputs.map((input) => input.name).slice(0, 3)).toEqual(['model', 'seed', 'steps']);
    expect(sampler.widgets.map((each) => each.name)).toEqual([
      ...['seed', 'seed.control', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise'],
    ]);
    expect(definition('SaveImage').terminal).toBe(true);
  });

  it('keeps the largest seed exactly', () => {
    expect(widget('KSampler', 'seed').maximum).toBe(18446744073709551615n);
  });

  it('puts the upload button last', () => {
    expect(definition('LoadImage').widgets.map((each) => each.kind)).toEqual(['choice', 'upload']);
    expect(widget('LoadImage', 'image').upload).toBe('image');
  });

  it('knows both forms of a choice', () => {
    const [old, newer, empty] = read({
      a: [['x', 'y'], { default: 'y' }],
      b: ['COMBO', { options: ['p', 'q'] }],
      c: [[]],
    });
    expect([old?.default, newer?.default, empty?.default]).toEqual(['y', 'p', '']);
    expect(newer?.choices).toEqual(['p', 'q']);
  });

  it('makes no widget of what only takes links', () => {
    expect(read({ a: ['INT', { forceInput: true }], b: ['MODEL'] })).toEqual([]);
  });

  it('follows what a server says of controls, whatever the name', () => {
    const names = (inputs: Json) => read(inputs).map((each) => each.name);
    expect(names({ noise_seed: ['INT', {}] })).toEqual(['noise_seed', 'noise_seed.control']);
    expect(names({ number: ['INT', { control_after_generate: true }] })).toHaveLength(2);
    expect(names({ seed: ['INT', { control_after_generate: false }] })).toEqual(['seed']);
    expect(read({ number: ['INT', { control_after_generate: 'fixed' }] })[1]?.default).toBe('fixed');
  });

  it('keeps unknown options', () => {
    expect(read({ a: ['INT', { colour: 'red' }] })[0]?.options).toEqual({ colour: 'red' });
  });

  it('takes what it can of a strange answer', () => {
    const strange = readDefinitions({
      Good: { input: { required: { a: ['INT'] } }, output: ['IMAGE', ['a', 'b']] },
      Text: 'no',
      List: [],
      Inputs: { input: { required: 7, optional: { a: 5, b: [], c: [7], d: 'MODEL' } }, output: 'x' },
      Nothing: {},
      __proto__: { input: 3 },
    });
    expect([...strange.keys()]).toEqual(['Good', 'Inputs', 'Nothing']);
    expect(strange.get('Inputs')?.inputs.map((input) => input.name)).toEqual(['d']);
    expect(strange.get('Good')?.outputs.map((output) => output.type)).toEqual(['IMAGE', 'COMBO']);
    for (const value of [null, 1, 'x', [], [1]]) expect(readDefinitions(value).size).toBe(0);
  });

  it('keeps the order that the server tells, also of names that are numbers', () => {
    const info = parseJson(
      '{"N": {"input": {"required": {"2": ["INT"], "1": ["INT"], "x": ["INT"]}}, "input_order": {"required": ["x", "2"]}}}',
    );
    const inputs = readDefinitions(info)
      .get('N')
      ?.inputs.map((input) => input.name);
    expect(inputs).toEqual(['x', '2', '1']);
  });
});

describe('values', () => {
  it('rounds whole numbers to the steps from the minimum', () => {
    const width = widget('EmptyLatentImage', 'width');
    expect(fitted(width, 700)).toBe(704);
    expect(fitted(width, '512')).toBe(512);
    expect(fitted(width, 1)).toBe(16);
    expect(fitted(width, 10n ** 30n)).toBe(16384);
    expect(fitted(width, 'many')).toBe(initialValue(width));
  });

  it('rounds others half up to what the server says', () => {
    const cfg = widget('KSampler', 'cfg');
    expect(cfg.step).toBe(0.1);
    expect(cfg.options.round).toBe(0.01);
    expect([Math.PI, 3.25, 3.355, 7.45, 1000, -1].map((value) => fitted(cfg, value))).toEqual([
      3.14, 3.25, 3.36, 7.45, 100, 0,
    ]);
    expect(fitted(cfg, Number.NaN)).toBe(8);
  });

  it('rounds to the decimals of the step where the server says nothing, and not at all where it says false', () => {
    expect(fitted(widget('KSampler', 'denoise'), '0.505')).toBe(0.51);
    const [silent, never, quarter, thirds, odd] = read({
      a: ['FLOAT', { step: 0.1 }],
      b: ['FLOAT', { step: 0.1, round: false, max: 4 }],
      c: ['FLOAT', { step: 1, round: 0.25 }],
      d: ['FLOAT', { step: 0.1, round: 0.3 }],
      e: ['FLOAT', { step: 0.1, round: 0 }],
    });
    const all = [silent, never, quarter, thirds, odd].map((each) => each && fitted(each, Math.PI));
    expect(all).toEqual([3.1, Math.PI, 3.25, 3, 3.1]);
    expect(thirds && fitted(thirds, 0.8)).toBe(0.9);
    expect(never && fitted(never, 4.5)).toBe(4);
  });

  it('never rounds a seed', () => {
    const seed = widget('KSampler', 'seed');
    expect(fitted(seed, 18446744073709551615n)).toBe(18446744073709551615n);
    expect(fitted(seed, '9007199254740993')).toBe(9007199254740993n);
    expect(fitted(seed, 18446744073709551616n)).toBe(18446744073709551615n);
    expect(fitted(seed, 5n)).toBe(5);
    expect(fitted(seed, -3)).toBe(0);
  });

  it('leaves choices alone, makes text of numbers', () => {
    expect(fitted(widget('KSampler', 'scheduler'), 'gone')).toBe('gone');
    expect(fitted(widget('CLIPTextEncode', 'text'), 12)).toBe('12');
    expect(fitted(widget('KSampler', 'seed.control'), 'sideways')).toBe('randomize');
  });
});

describe('connecting', () => {
  it('fits types as they are written', () => {
    expect(typesFit('IMAGE', 'IMAGE')).toBe(true);
    expect(typesFit('image', 'IMAGE')).toBe(true);
    expect(typesFit('IMAGE', 'MASK')).toBe(false);
    expect(typesFit('INT', 'FLOAT,INT')).toBe(true);
    expect(typesFit('INT,STRING', 'FLOAT, STRING')).toBe(true);
    expect(typesFit('*', 'MASK')).toBe(true);
    expect(typesFit('MASK', '*')).toBe(true);
  });

  it('finds the best socket', () => {
    const node = newNode(definition('KSampler'), [0, 0], '1');
    const name = (slot: number | null) => (slot === null ? null : node.inputs[slot]?.name);
    expect(name(bestSocket(node, 'CONDITIONING', 'input'))).toBe('positive');
    const taken = node.inputs.findIndex((input) => input.name === 'positive');
    expect(name(bestSocket(node, 'CONDITIONING', 'input', (slot) => slot === taken))).toBe('negative');
    expect(name(bestSocket(node, 'INT', 'input'))).toBe('seed');
    expect(bestSocket(node, 'CLIP', 'input')).toBeNull();
    expect(bestSocket(node, 'LATENT', 'output')).toBe(0);
  });

  it('finds the kinds that take or give a type', () => {
    const ids = (type: string, side: 'input' | 'output') =>
      candidates(definitions, type, side).map(({ id }) => id);
    expect(ids('IMAGE', 'input')).toEqual(['SaveImage', 'PreviewImage']);
    expect(ids('LATENT', 'output')).toEqual(['EmptyLatentImage', 'KSampler']);
  });
});

describe('measures', () => {
  it('lays sockets before widgets before pictures, without gaps', () => {
    for (const kind of definitions.values()) {
      const node = newNode(kind, [0, 0], '1');
      const rows = rowsOf(node, kind);
      for (const [at, row] of rows.entries()) {
        const next = rows[at + 1];
        if (next !== undefined) expect(next.y).toBe(row.y + row.height);
      }
      const last = rows.at(-1);
      expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThan(minimalSize(node, kind)[1]);
      expect(rows.map((row) => ['slots', 'widget', 'preview'].indexOf(row.kind))).toEqual(
        rows.map((row) => ['slots', 'widget', 'preview'].indexOf(row.kind)).sort(),
      );
    }
  });

  it('has a place for every socket', () => {
    const kind = definition('KSampler');
    const node = newNode(kind, [0, 0], '1');
    const places = node.inputs.map((_, slot) =>
      socketPosition(node, kind, { node: '1', slot, side: 'input' }),
    );
    expect(new Set(places.map(([, y]) => y)).size).toBe(node.inputs.length);
    expect(places.every(([x, y]) => x === 0 && y > TITLE_HEIGHT)).toBe(true);
    expect(socketPosition(node, kind, { node: '1', slot: 0, side: 'output' })[0]).toBe(node.size[0]);
  });

  it('gives spare room to texts, or to pictures', () => {
    const kind = definition('CLIPTextEncode');
    const node = newNode(kind, [0, 0], '1');
    const [width, height] = minimalSize(node, kind);
    expect(width).toBeGreaterThanOrEqual(MIN_WIDTH);
    const tall = { ...node, size: [width, height + 100] as const };
    expect(rowsOf(tall, kind).at(-1)?.height).toBe(TEXT_HEIGHT + 100);
    expect(minimalSize(tall, kind)[1]).toBe(height);
    const save = newNode(definition('SaveImage'), [0, 0], '2');
    expect(previewTop(save, definition('SaveImage'))).toBe(rowsOf(save, definition('SaveImage')).at(-1)?.y);
  });

  it('measures nodes of unknown kinds by their sockets, and collapsed ones by their title', () => {
    const node = { ...newNode(definition('KSampler'), [0, 0], '1'), type: 'Gone' };
    expect(rowsOf(node, null).filter((row) => row.kind === 'widget')).toHaveLength(6);
    const socket = { node: '1', slot: 0, side: 'input' } as const;
    expect(socketPosition({ ...node, collapsed: true }, null, socket)).toEqual([0, TITLE_HEIGHT / 2]);
    expect(ROW_HEIGHT).toBeLessThan(TITLE_HEIGHT);
  });
});
