/** Which nodes a mask can be painted for, and what they read once it is saved. */

import { describe, expect, it } from 'vitest';
import { chosenFile } from '../../src/canvas/chosenFile';
import { maskName, nameFor } from '../../src/image/mask/saveMask';
import { maskable } from '../../src/image/maskTarget';
import type { NodeDefinition } from '../../src/model/definition';
import { EMPTY_GRAPH, type Graph } from '../../src/model/types';
import { isKnownChoice } from '../../src/widgets/choices';
import { node, widget } from './widgetsKit';

const image = widget({ name: 'image', kind: 'choice', upload: 'image', choices: ['a.png'] });
const ofOutputs = widget({ ...image, options: { image_folder: 'output' } });

function definition(chooser = image): NodeDefinition {
  return {
    id: 'LoadImage',
    displayName: 'Load Image',
    description: '',
    category: 'image',
    module: 'nodes',
    inputs: [{ name: 'image', type: 'COMBO', optional: false, widget: chooser, tooltip: '', label: '' }],
    outputs: [],
    widgets: [chooser],
    terminal: false,
    deprecated: false,
    experimental: false,
  };
}

const reader = (value: string) =>
  node({
    values: new Map([['image', value]]),
    inputs: [{ name: 'image', type: 'COMBO', widget: 'image', extra: {} }],
  });
const within = (
  ...links: readonly [number, Graph['links'] extends ReadonlyMap<number, infer L> ? L : never][]
) => ({ ...EMPTY_GRAPH, links: new Map(links) }) satisfies Graph;

describe('a mask can be painted', () => {
  it('on the picture that a node reads, wherever it lies', () => {
    const named = reader('deep/a.png [temp]');
    expect(maskable(within(), named, definition())).toEqual({
      filename: 'a.png',
      subfolder: 'deep',
      type: 'temp',
    });
    expect(chosenFile(reader('a.png'), definition(ofOutputs))?.type).toBe('output');
  });

  it('on nothing but pictures, and not where a link says what is read', () => {
    expect(maskable(within(), reader('a.mp4'), definition())).toBeNull();
    expect(maskable(within(), reader(''), definition())).toBeNull();
    expect(maskable(within(), reader('a.png'), null)).toBeNull();
    const link = {
      id: 1,
      source: '2',
      sourceSlot: 0,
      target: '1',
      targetSlot: 0,
      type: 'COMBO',
      reroute: null,
      extra: {},
    };
    expect(maskable(within([1, link]), reader('a.png'), definition())).toBeNull();
  });
});

describe('the saved mask', () => {
  it('is called after its picture, also when that was a mask before', () => {
    const called = (filename: string) => maskName({ filename, subfolder: '', type: 'input' });
    expect(called('portrait.v2.jpg')).toBe('portrait.v2-mask.png');
    expect(called('portrait-mask.png')).toBe('portrait-mask.png');
    expect(called('portrait-mask (12).png')).toBe('portrait-mask.png');
    expect(called('plain')).toBe('plain-mask.png');
  });

  it('is named with its folder where the widget chooses from another one', () => {
    const uploaded = { name: 'a-mask.png', subfolder: 'clipspace', type: 'input' };
    expect(nameFor(uploaded, 'input')).toBe('clipspace/a-mask.png');
    expect(nameFor(uploaded, 'output')).toBe('clipspace/a-mask.png [input]');
    expect(isKnownChoice(ofOutputs, 'clipspace/a-mask.png [input]')).toBe(true);
    expect(isKnownChoice(image, 'gone.png')).toBe(false);
  });
});
