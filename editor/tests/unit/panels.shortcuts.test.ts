/** When keys do what the commands say, and when they belong to something else. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindShortcuts } from '../../src/commands/shortcuts';
import { COMMANDS, command } from '../../src/commands/table';
import type { Command } from '../../src/commands/types';

const run = vi.fn();
const everywhere = vi.fn();
const LIST: readonly Command[] = [
  { id: 'one', title: '', group: 'edit', keys: ['r'], run },
  { id: 'two', title: '', group: 'edit', keys: ['$mod+Enter'], inFields: true, run: everywhere },
  { id: 'three', title: '', group: 'edit', keys: ['x'], when: () => false, run },
  { id: 'four', title: '', group: 'edit', keys: ['$mod+c'], native: true, run },
];
let end = (): void => undefined;

function press(
  key: string,
  options: KeyboardEventInit = {},
  target: EventTarget = document.body,
): KeyboardEvent {
  const code = /^[a-z]$/u.test(key) ? `Key${key.toUpperCase()}` : key;
  const event = new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...options });
  target.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  run.mockClear();
  everywhere.mockClear();
  end = bindShortcuts(LIST);
});
afterEach(() => {
  end();
  document.body.replaceChildren();
});

describe('shortcuts', () => {
  it('run commands and keep the browser from its own', () => {
    expect(press('r').defaultPrevented).toBe(true);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('leave letters to fields, but not those meant for everywhere', () => {
    const field = document.body.appendChild(document.createElement('textarea'));
    press('r', {}, field);
    press('Enter', { ctrlKey: true }, field);
    expect(run).not.toHaveBeenCalled();
    expect(everywhere).toHaveBeenCalledTimes(1);
  });

  it('leave keys to dialogs, menus and lists that are open', () => {
    const dialog = document.body.appendChild(document.createElement('div'));
    dialog.setAttribute('role', 'dialog');
    press('r', {}, dialog);
    expect(run).not.toHaveBeenCalled();
  });

  it('leave keys to input methods', () => {
    press('r', { isComposing: true });
    press('Enter', { ctrlKey: true, isComposing: true });
    expect(run).not.toHaveBeenCalled();
    expect(everywhere).not.toHaveBeenCalled();
  });

  it('do nothing with other modifiers, when it cannot be done, or where the browser does it', () => {
    press('r', { ctrlKey: true });
    press('x');
    press('c', { ctrlKey: true });
    expect(run).not.toHaveBeenCalled();
  });

  it('do nothing once they are taken away', () => {
    end();
    press('r');
    expect(run).not.toHaveBeenCalled();
  });
});

describe('the table of commands', () => {
  it('has every id and every key once', () => {
    const ids = COMMANDS.map((each) => each.id);
    const keys = COMMANDS.flatMap((each) => each.keys);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['run.queue', '$mod+Enter'],
    ['run.first', '$mod+Shift+Enter'],
    ['run.interrupt', '$mod+Alt+Enter'],
    ['node.bypass', '$mod+b'],
    ['node.mute', '$mod+m'],
    ['node.collapse', 'Alt+KeyC'],
    ['node.group', '$mod+g'],
    ['edit.copy', '$mod+c'],
    ['edit.paste', '$mod+v'],
    ['edit.cut', '$mod+x'],
    ['edit.duplicate', '$mod+d'],
    ['edit.pasteLinked', '$mod+Shift+v'],
    ['edit.undo', '$mod+z'],
    ['edit.redo', '$mod+Shift+z'],
    ['edit.selectAll', '$mod+a'],
    ['edit.delete', 'Delete'],
    ['view.refresh', 'r'],
    ['panels.queue', 'q'],
    ['panels.workflows', 'w'],
    ['node.add', 'n'],
    ['view.fit', '.'],
    ['file.save', '$mod+s'],
    ['file.open', '$mod+o'],
    ['help.commands', '$mod+k'],
    ['help.shortcuts', '[Shift]+?'],
    ['run.nextProblem', 'f'],
  ])('has %s on %s', (id, keys) => {
    expect(command(id).keys).toContain(keys);
  });
});
