/** Combinations of keys: how they are read, compared, refused, and whose they are. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canonical, isSilent, pressed, refusalOf } from '../../src/commands/combinations';
import { addCommand, commandsNow } from '../../src/commands/current';
import { keysFrom, ownerOf, useKeys, withKeys } from '../../src/commands/keys';
import { ariaKeys, bindShortcuts, shownKeys } from '../../src/commands/shortcuts';
import { COMMANDS } from '../../src/commands/table';
import type { Command } from '../../src/commands/types';
import { settingsText, takeSettings } from '../../src/panels/settingsFile';
import { useSettings } from '../../src/state/settings';

const press = (key: string, code: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more });

beforeEach(() => useKeys.getState().replace({}));
afterEach(() => {
  useKeys.getState().replace({});
  localStorage.clear();
});

describe('a press', () => {
  it.each([
    ['r', 'KeyR', {}, 'r'],
    ['R', 'KeyR', { shiftKey: true }, 'Shift+r'],
    ['k', 'KeyK', { ctrlKey: true }, '$mod+k'],
    ['®', 'KeyR', { altKey: true }, 'Alt+KeyR'],
    ['к', 'KeyR', { ctrlKey: true }, '$mod+KeyR'],
    ['?', 'Slash', { shiftKey: true }, 'Shift+Slash'],
    ['1', 'Digit1', { ctrlKey: true }, '$mod+Digit1'],
    ['F6', 'F6', {}, 'F6'],
    ['Delete', 'Delete', { ctrlKey: true, shiftKey: true }, '$mod+Shift+Delete'],
    ['Control', 'ControlLeft', { ctrlKey: true }, null],
    ['Process', 'KeyA', {}, null],
  ])('of %s (%s) is told as it is bound', (key, code, more, keys) => {
    expect(pressed(press(key, code, more), false)).toBe(keys);
  });

  it.each([
    ['r', 'KeyR', {}],
    ['k', 'KeyK', { ctrlKey: true }],
    ['®', 'KeyR', { altKey: true }],
    ['к', 'KeyR', { ctrlKey: true }],
    ['?', 'Slash', { shiftKey: true }],
    ['F6', 'F6', {}],
    ['+', 'NumpadAdd', {}],
    [' ', 'Space', { ctrlKey: true }],
  ])('of %s (%s) runs the command it was recorded for', (key, code, more) => {
    const run = vi.fn();
    const keys = pressed(press(key, code, more)) ?? '';
    const end = bindShortcuts([{ id: 'one', title: '', group: 'edit', keys: [keys], run }]);
    document.body.dispatchEvent(press(key, code, more));
    expect(run).toHaveBeenCalledTimes(1);
    end();
  });

  it('has the Mac’s own keys there', () => {
    expect(pressed(press('k', 'KeyK', { metaKey: true }), true)).toBe('$mod+k');
    expect(pressed(press('k', 'KeyK', { ctrlKey: true }), true)).toBe('Control+k');
    expect(shownKeys('$mod+Shift+k', true)).toBe('⌘⇧K');
    expect(ariaKeys(['$mod+Enter', 'Alt+KeyL'], true)).toBe('Meta+Enter Alt+L');
  });
});

describe('combinations', () => {
  it('are the same however they are written', () => {
    expect(canonical('$mod+KeyB', false)).toBe(canonical('Control+b', false));
    expect(canonical('[Shift]+?', false)).toBe(canonical('Shift+Slash', false));
    expect(canonical('Alt+Equal', false)).toBe(canonical('Alt+=', false));
    expect(canonical('$mod+b', true)).not.toBe(canonical('Control+b', true));
    expect(canonical('', false)).toBeNull();
    expect(canonical('Foo+b', false)).toBeNull();
  });

  it.each([
    ['$mod+w', 'browser'],
    ['$mod+t', 'browser'],
    ['$mod+KeyN', 'browser'],
    ['$mod+Shift+t', 'browser'],
    ['F5', 'browser'],
    ['Alt+F4', 'browser'],
    ['Meta+k', 'browser'],
    ['Tab', 'page'],
    ['Shift+ArrowDown', 'page'],
    ['Space', 'page'],
    ['', 'nonsense'],
    ['$mod+ArrowDown', null],
    ['Alt+KeyR', null],
  ])('such as %s are refused as %s', (keys, refusal) => {
    expect(refusalOf(keys, false)).toBe(refusal);
  });

  it('of the table are all free to have, but for Escape, and the space bar that counts on the canvas only', () => {
    const refused = COMMANDS.flatMap((each) => each.keys).filter((keys) => refusalOf(keys, false) !== null);
    expect(refused).toEqual(['Space', 'Escape']);
  });

  it('that write something do not count in fields', () => {
    expect(isSilent('j')).toBe(false);
    expect(isSilent('Shift+j')).toBe(false);
    expect(isSilent('$mod+j')).toBe(true);
    expect(isSilent('F6')).toBe(true);
  });
});

describe('changed keys', () => {
  const one: Command = { id: 'one', title: '', group: 'edit', keys: ['a', '$mod+a'], run: () => undefined };
  const two: Command = { id: 'two', title: '', group: 'edit', keys: ['b'], run: () => undefined };
  const copy: Command = {
    id: 'copy',
    title: '',
    group: 'edit',
    keys: ['$mod+c'],
    native: true,
    run: () => undefined,
  };

  it('belong to one command each: to who chose them, but never what the browser does', () => {
    const keys = (changed: Record<string, readonly string[]>) =>
      withKeys([one, two, copy], changed).map((each) => each.keys);
    expect(keys({})).toEqual([['a', '$mod+a'], ['b'], ['$mod+c']]);
    expect(keys({ two: ['$mod+KeyA'] })).toEqual([['a'], ['$mod+KeyA'], ['$mod+c']]);
    expect(keys({ two: ['$mod+c', 'x'] })).toEqual([['a', '$mod+a'], ['x'], ['$mod+c']]);
    expect(keys({ one: [] })).toEqual([[], ['b'], ['$mod+c']]);
    expect(withKeys([one], {})[0]).toBe(one);
  });

  it('are kept, and found again by whose they are', () => {
    useKeys.getState().set('run.queue', ['Alt+KeyR']);
    expect(JSON.parse(localStorage.getItem('nodeloom.keys') ?? '')).toEqual({ 'run.queue': ['Alt+KeyR'] });
    expect(ownerOf('Alt+r', '', commandsNow())?.id).toBe('run.queue');
    expect(ownerOf('Alt+r', 'run.queue', commandsNow())).toBeNull();
    expect(ownerOf('$mod+Enter', '', commandsNow())).toBeNull();
    useKeys.getState().set('run.queue', null);
    expect(ownerOf('$mod+Enter', '', commandsNow())?.id).toBe('run.queue');
  });

  it('that are bad are left out one by one', () => {
    expect(keysFrom({ a: ['x', '$mod+w', 'Foo+x'], b: 7, c: [] })).toEqual({ a: ['x'], c: [] });
    expect(keysFrom('nonsense')).toEqual({});
  });

  it('of a command that is not there yet wait for it', () => {
    useKeys.getState().set('extension.pack.go', ['F6']);
    const added: Command = {
      id: 'extension.pack.go',
      title: '',
      group: 'extensions',
      keys: [],
      run: () => undefined,
    };
    const end = addCommand(added);
    expect(commandsNow().find((each) => each.id === added.id)?.keys).toEqual(['F6']);
    expect(() => addCommand(added)).toThrow();
    end();
    expect(commandsNow().some((each) => each.id === added.id)).toBe(false);
  });
});

describe('settings as a file', () => {
  it('come back as they were, and a part that is missing stays', () => {
    useKeys.getState().set('run.queue', ['F6']);
    useSettings.getState().set({ theme: 'light', snap: true });
    const text = settingsText();
    useKeys.getState().replace({});
    useSettings.getState().set({ theme: 'dark', snap: false });
    takeSettings(text);
    expect(useKeys.getState().changed).toEqual({ 'run.queue': ['F6'] });
    expect(useSettings.getState()).toMatchObject({ theme: 'light', snap: true });
    takeSettings('{"format": "nodeloom.settings", "settings": {"snap": false, "theme": "purple"}}');
    expect(useSettings.getState()).toMatchObject({ theme: 'system', snap: false });
    expect(useKeys.getState().changed).toEqual({ 'run.queue': ['F6'] });
  });

  it.each(['', '{}', '[]', '{"nodes": []}'])('are not what %s says', (text) => {
    expect(() => takeSettings(text)).toThrow(/no file of settings/u);
  });
});
