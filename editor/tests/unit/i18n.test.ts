/** Whether every sentence exists in both languages, and every key that is used exists. */

import { readdirSync, readFileSync } from 'node:fs';
import i18next from 'i18next';
import { afterEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/table';
import { changeLocale, translated } from '../../src/i18n';
import { chinese } from '../../src/i18n/chinese';
import { english } from '../../src/i18n/english';

const PLURAL = /_(?:zero|one|two|few|many|other)$/u;
const bare = (keys: Iterable<string>): ReadonlySet<string> =>
  new Set([...keys].map((key) => key.replace(PLURAL, '')));
const englishKeys = bare(Object.keys(english));

function sources(folder = 'src'): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/u.test(name))
    .map((name) => `${folder}/${name}`);
}

/** Keys written out in calls, without those that are put together. */
function usedKeys(): readonly (readonly [file: string, key: string])[] {
  const call =
    /\b(?:t|translated|tell|warn|complain)\(\s*(?:[^'"`()]*\?\s*)?(['"])([\w.-]+)\1(?:\s*:\s*(['"])([\w.-]+)\3)?/gu;
  const step = /\bedit\(\s*'([\w.-]+\.[\w.-]+)'/gu;
  return sources().flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const calls = [...text.matchAll(call)].flatMap((match) => [match[2], match[4]]);
    const steps = [...text.matchAll(step)].map((match) => match[1]);
    return [...calls, ...steps].flatMap((key) => (key === undefined ? [] : [[file, key] as const]));
  });
}

/** The names in `{{…}}`. */
function places(sentence: string): readonly string[] {
  return [...sentence.matchAll(/\{\{\s*(\w+)/gu)].map((match) => match[1] ?? '').sort();
}

describe('sentences', () => {
  it('have the same keys in both languages', () => {
    expect([...bare(Object.keys(chinese))].sort()).toEqual([...englishKeys].sort());
  });

  it('stand in one part only', () => {
    const parts = readdirSync('src/i18n/parts').map((name) => readFileSync(`src/i18n/parts/${name}`, 'utf8'));
    const all = parts.flatMap((text) => Object.keys((JSON.parse(text) as { en: object }).en));
    const twice = all.filter((key, index) => all.indexOf(key) !== index);
    expect(twice).toEqual([]);
  });

  it('take the same values in both languages', () => {
    const other = Object.keys(english).filter((key) => chinese[key] !== undefined);
    const differ = other.filter(
      (key) => places(english[key] ?? '').join() !== places(chinese[key] ?? '').join(),
    );
    expect(differ).toEqual([]);
  });

  it('are not empty', () => {
    for (const table of [english, chinese]) {
      expect(Object.entries(table).filter(([, sentence]) => sentence.trim() === '')).toEqual([]);
    }
  });

  it('exist for every key that is used', () => {
    const missing = usedKeys().filter(([, key]) => !englishKeys.has(key.replace(PLURAL, '')));
    expect(missing).toEqual([]);
  });

  it('exist for every command and group', () => {
    const wanted = COMMANDS.flatMap((each) => [each.title, `commands.group.${each.group}`]);
    expect(wanted.filter((key) => !englishKeys.has(key))).toEqual([]);
  });
});

describe('the language', () => {
  afterEach(() => changeLocale('en'));

  it('is loaded when it is chosen, and named on the page', async () => {
    await changeLocale('zh');
    expect(translated('app.untitled')).toBe('未命名');
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  it('counts as the language does', async () => {
    expect(translated('errors.count', { count: 1 })).toBe('1 problem');
    expect(translated('errors.count', { count: 2 })).toBe('2 problems');
    await changeLocale('zh');
    expect(translated('errors.count', { count: 1 })).toBe('1 个问题');
  });

  it('falls back to English', async () => {
    await changeLocale('zh');
    i18next.addResource('en', 'translation', 'only.english', 'Only here');
    expect(translated('only.english')).toBe('Only here');
  });

  it('never reads values as markup', () => {
    expect(translated('file.saved', { name: '<b>x</b>' })).toBe('Saved as <b>x</b>');
  });
});
