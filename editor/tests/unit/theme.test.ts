/** Whether text, lines and type colours can be told apart in both themes. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, NAMED_TYPES, typeColour } from '../../src/theme/typeColours';

const css = readFileSync('src/theme/tokens.css', 'utf8');

function tokensOf(theme: 'dark' | 'light'): ReadonlyMap<string, string> {
  const start = css.indexOf(`:root[data-theme="${theme}"]`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

function colour(tokens: ReadonlyMap<string, string>, name: string): string {
  const found = tokens.get(name);
  if (found === undefined) throw new Error(`no token ${name}`);
  return found;
}

const BACKGROUNDS = ['--bg', '--bg-panel', '--bg-node', '--bg-field', '--bg-hover', '--bg-raised'];

describe.each(['dark', 'light'] as const)('the %s theme', (theme) => {
  const tokens = tokensOf(theme);

  it.each(BACKGROUNDS)('has readable text on %s', (background) => {
    for (const text of ['--fg', '--fg-muted']) {
      expect(contrast(colour(tokens, text), colour(tokens, background)), text).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(BACKGROUNDS)('has readable messages on %s', (background) => {
    for (const text of ['--danger', '--warning', '--success', '--accent']) {
      expect(contrast(colour(tokens, text), colour(tokens, background)), text).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('has readable text on filled buttons and marked rows', () => {
    for (const [text, background] of [
      ['--accent-fg', '--accent'],
      ['--danger-fg', '--danger'],
      ['--fg', '--accent-soft'],
      ['--accent', '--accent-soft'],
    ] as const) {
      expect(
        contrast(colour(tokens, text), colour(tokens, background)),
        `${text} on ${background}`,
      ).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('shows focus and strong lines', () => {
    for (const background of BACKGROUNDS) {
      expect(contrast(colour(tokens, '--focus'), colour(tokens, background))).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(colour(tokens, '--line-strong'), colour(tokens, '--bg-field'))).toBeGreaterThanOrEqual(3);
  });

  it('shows every type colour on nodes and on the canvas', () => {
    const others = Array.from({ length: 400 }, (_, index) => `PACK_TYPE_${index}`);
    for (const type of [...NAMED_TYPES, ...others]) {
      for (const background of ['--bg', '--bg-node', '--bg-panel']) {
        expect(
          contrast(typeColour(type), colour(tokens, background)),
          `${type} on ${background}`,
        ).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

describe('type colours', () => {
  it('stay the same and take the first of several types', () => {
    expect(typeColour('SOMETHING')).toBe(typeColour('SOMETHING'));
    expect(typeColour('IMAGE,MASK')).toBe(typeColour('IMAGE'));
    expect(typeColour('SOMETHING')).toMatch(/^#[0-9a-f]{6}$/);
  });

  it('differ between the named types', () => {
    expect(new Set(NAMED_TYPES.map(typeColour)).size).toBe(NAMED_TYPES.length);
  });
});
