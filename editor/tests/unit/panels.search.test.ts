/** How nodes are found by words, how keys are shown, how pictures are zoomed, what Markdown becomes. */

import { describe, expect, it } from 'vitest';
import { cleaned, nameOf } from '../../src/app/files';
import { shownKeys } from '../../src/commands/shortcuts';
import { valuesIn } from '../../src/image/Facts';
import { FITTED, zoomed } from '../../src/image/zoom';
import type { NodeDefinition } from '../../src/model/definition';
import { duration } from '../../src/panels/Clock';
import { cleanHtml } from '../../src/panels/markdown';
import { found } from '../../src/panels/nodeSearch';

function definition(id: string, displayName: string, more: Partial<NodeDefinition> = {}): NodeDefinition {
  return {
    id,
    displayName,
    description: '',
    category: '',
    module: 'nodes',
    inputs: [],
    outputs: [],
    widgets: [],
    terminal: false,
    deprecated: false,
    experimental: false,
    ...more,
  };
}

const DEFINITIONS = [
  definition('KSampler', 'KSampler', { category: 'sampling', description: 'Denoises a latent.' }),
  definition('KSamplerAdvanced', 'KSampler (Advanced)', { category: 'sampling' }),
  definition('LoadImage', 'Load Image', { category: 'image' }),
  definition('SaveImage', 'Save Image', { category: 'image', description: 'Saves to the output folder' }),
  definition('ImageOnly', 'Image Only', { category: 'loaders/video' }),
  definition('OldSave', 'Save Image Old', { category: 'image', deprecated: true }),
];
const ids = (text: string, recent: readonly string[] = []) =>
  found(DEFINITIONS, text, recent).map((each) => each.id);

describe('the search for nodes', () => {
  it('wants every word somewhere, in any order', () => {
    expect(ids('image save')).toEqual(['SaveImage', 'OldSave']);
    expect(ids('save output')).toEqual(['SaveImage']);
    expect(ids('image nowhere')).toEqual([]);
  });

  it('looks into name, id, category and description, whatever the case', () => {
    expect(ids('LATENT')).toEqual(['KSampler']);
    expect(ids('video')).toEqual(['ImageOnly']);
    expect(ids('ksampleradv')).toEqual(['KSamplerAdvanced']);
  });

  it('puts what is called so first, then what begins so', () => {
    expect(ids('ksampler')[0]).toBe('KSampler');
    expect(ids('image')[0]).toBe('ImageOnly');
  });

  it('puts what was used lately first and what is deprecated last', () => {
    expect(ids('', ['SaveImage', 'KSampler']).slice(0, 2)).toEqual(['SaveImage', 'KSampler']);
    expect(ids('').at(-1)).toBe('OldSave');
  });
});

describe('names', () => {
  it('of files lose what no system takes', () => {
    expect(cleaned(' a<b>:c|?* ')).toBe('abc');
    expect(cleaned('../../etc/x')).toBe('etc/x');
    expect(cleaned('里/名 字')).toBe('里/名 字');
    expect(cleaned('\u0000..')).toBe('');
  });

  it('of tabs come from files', () => {
    expect(nameOf('workflows/a/b.json')).toBe('a/b');
    expect(nameOf('picture.final.png')).toBe('picture.final');
  });

  it('of keys are those on the keyboard', () => {
    expect(shownKeys('$mod+Shift+z', false)).toBe('Ctrl+Shift+Z');
    expect(shownKeys('$mod+Enter', true)).toBe('⌘↵');
    expect(shownKeys('Alt+KeyC', false)).toBe('Alt+C');
    expect(shownKeys('[Shift]+?', false)).toBe('?');
    expect(shownKeys('.', false)).toBe('.');
  });

  it('of durations are short', () => {
    expect(duration(840)).toBe('0.8 s');
    expect(duration(42_400)).toBe('42 s');
    expect(duration(187_000)).toBe('3:07');
    expect(duration(3_729_000)).toBe('1:02:09');
  });
});

describe('pictures', () => {
  it('keep the point under the pointer when they are zoomed', () => {
    const placed = zoomed(FITTED, 2, 100, 50);
    expect(placed).toEqual({ scale: 2, x: -100, y: -50 });
    expect(zoomed(placed, 0.5, 100, 50)).toEqual(FITTED);
  });

  it('tell the values they were made with', () => {
    const prompt = '{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615,"model":["1",0]}}}';
    expect(valuesIn(prompt)).toEqual([
      { id: '3', kind: 'KSampler', values: [['seed', '18446744073709551615']] },
    ]);
    expect(valuesIn('no JSON')).toEqual([]);
    expect(valuesIn('[1]')).toEqual([]);
  });
});

describe('Markdown', () => {
  it('becomes markup', () => {
    expect(cleanHtml('**bold** and `code`')).toContain('<strong>bold</strong>');
    expect(cleanHtml('[x](https://example.org)')).toContain('rel="noopener noreferrer"');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '![x](https://example.org/a.png)',
    '<a href="javascript:alert(1)">x</a>',
    '<form action="https://example.org"><input name="a"></form>',
    '<iframe src="https://example.org"></iframe>',
    '<svg onload=alert(1)>',
  ])('does nothing with %s', (text) => {
    const box = document.createElement('div');
    box.innerHTML = cleanHtml(text);
    expect(box.querySelector('script, img, iframe, form, input, svg, object, style')).toBeNull();
    for (const element of box.querySelectorAll('*')) {
      expect(element.getAttributeNames().filter((name) => name.startsWith('on'))).toEqual([]);
      expect(element.getAttribute('href') ?? 'https:').toMatch(/^https?:/u);
    }
  });
});
