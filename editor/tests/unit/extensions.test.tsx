/** What extensions may do, what they may not, and that none of it breaks the page. */

import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import type { Api } from '../../src/api/interface';
import { commandsNow } from '../../src/commands/current';
import type { Control, Handle, Nodeloom, Setup } from '../../src/extensions/api';
import { endStart } from '../../src/extensions/crash';
import { switchExtension } from '../../src/extensions/load';
import { startExtensions } from '../../src/extensions/start';
import { type Extension, keepOff, useExtensions } from '../../src/extensions/store';
import { changeLocale, translated } from '../../src/i18n';
import { newNode } from '../../src/model/edit_nodes';
import { rowsOf } from '../../src/model/measures';
import { readWorkflow, writeWorkflow } from '../../src/model/serialize';
import { EMPTY_GRAPH, type Json, type JsonObject } from '../../src/model/types';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { forgetForeign, rememberForeign } from '../../src/state/foreignWidgets';
import { rereadDocuments } from '../../src/state/rereading';
import { WidgetField } from '../../src/widgets/WidgetField';
import { node, widget } from './widgetsKit';

const INFO: JsonObject = {
  Curve: {
    display_name: 'Curve',
    python_module: 'custom_nodes.pack',
    input: {
      required: { curve: ['CURVE', { default: [0, 1] }], amount: ['FLOAT', { default: 1, step: 0.5 }] },
    },
    input_order: { required: ['curve', 'amount'] },
    output: ['CURVE'],
  },
  Loader: { python_module: 'nodes', input: {}, output: ['MODEL'] },
};
const curve = widget({
  name: 'curve',
  kind: 'custom',
  type: 'CURVE',
  isForeign: true,
  options: { hint: [1] },
});

/** A server with these scripts; `said` is what their modules export. */
async function begin(modules: Readonly<Record<string, Setup | unknown>>): Promise<void> {
  setApi({
    getJson: async () => Object.keys(modules).map((pack) => `/extensions/${pack}/${pack}.nodeloom.js`),
    objectInfo: async () => INFO,
  } as unknown as Api);
  await useDefinitions.getState().refresh();
  await startExtensions(async (address) => ({ default: modules[address.split('/')[2] ?? ''] }));
}

const extension = (pack: string): Extension | undefined =>
  useExtensions.getState().extensions.find((each) => each.pack === pack);

/** A module with a control for CURVE. */
function withControl(control: Control): Setup {
  return (nodeloom) => {
    nodeloom.registerWidget('CURVE', control);
    return undefined;
  };
}

let handles: Handle[] = [];
const plain: Control = {
  mount: (element, handle) => {
    handles.push(handle);
    element.textContent = JSON.stringify(handle.value);
    handle.onValue((value) => {
      element.textContent = JSON.stringify(value);
    });
    return () => handles.splice(handles.indexOf(handle), 1);
  },
};

function Shown({
  onChange,
  linked = false,
}: {
  readonly onChange?: (value: Json) => void;
  readonly linked?: boolean;
}) {
  const [value, setValue] = useState<Json>([0, 1]);
  const change = (next: Json): void => {
    onChange?.(next);
    setValue(next);
  };
  return (
    <WidgetField
      node={node()}
      widget={curve}
      value={value}
      onChange={change}
      linked={linked}
      problem={null}
    />
  );
}

beforeEach(() => {
  handles = [];
  keepOff([]);
});
afterEach(async () => {
  cleanup();
  endStart();
  for (const { pack } of useExtensions.getState().extensions)
    await switchExtension(pack, false, async () => ({}));
  keepOff([]);
  forgetForeign(() => false);
  localStorage.clear();
  sessionStorage.clear();
  setApi(null);
  window.history.replaceState(null, '', '/');
});

describe('a control of an extension', () => {
  it('is mounted in a named group, is told of values and changes them', async () => {
    await begin({ pack: withControl(plain) });
    const changes = vi.fn();
    render(<Shown onChange={changes} />);
    const group = screen.getByRole('group', { name: 'curve' });
    expect(group.textContent).toBe('[0,1]');
    act(() => handles[0]?.change([0, 0.5]));
    expect(changes).toHaveBeenCalledWith([0, 0.5]);
    expect(group.textContent).toBe('[0,0.5]');
    cleanup();
    expect(handles).toEqual([]);
  });

  it('appears where fields are shown already, and goes when its extension is switched off', async () => {
    render(<Shown />);
    expect(screen.getByLabelText('curve')).toBeInstanceOf(HTMLInputElement);
    await act(() => begin({ pack: withControl(plain) }));
    expect(screen.getByRole('group', { name: 'curve' })).toBeTruthy();
    await act(() => switchExtension('pack', false, async () => ({})));
    expect((screen.getByLabelText('curve') as HTMLInputElement).value).toBe('[0,1]');
    expect(extension('pack')?.state).toBe('off');
  });

  it('can neither change what it is given nor a value that a link gives', async () => {
    await begin({ pack: withControl(plain) });
    const changes = vi.fn();
    render(<Shown onChange={changes} linked />);
    const [handle] = handles;
    expect(handle?.linked).toBe(true);
    handle?.change([1]);
    expect(changes).not.toHaveBeenCalled();
    expect(Object.isFrozen(handle?.value)).toBe(true);
    expect(Object.isFrozen(handle)).toBe(true);
    expect(Object.isFrozen(handle?.widget.options.hint)).toBe(true);
  });

  it('that breaks while it is mounted is replaced by the plain field, which names the pack', async () => {
    const mount = () => {
      throw new Error('no crayon');
    };
    await begin({ pack: withControl({ mount }) });
    const changes = vi.fn();
    render(<Shown onChange={changes} />);
    expect(screen.getByRole('note').textContent).toContain('“pack”');
    expect(screen.getByRole('note').textContent).toContain('no crayon');
    fireEvent.change(screen.getByLabelText('curve'), { target: { value: '[3]' } });
    expect(changes).toHaveBeenCalledWith([3]);
    expect(extension('pack')?.problems).toEqual(['no crayon']);
  });

  it('whose listener breaks, or changes the value it is told of, is replaced as well', async () => {
    for (const listen of [
      () => {
        throw new Error('deaf');
      },
      () => handles[0]?.change([9]),
    ]) {
      const mount: Control['mount'] = (_, handle) => {
        handles = [handle];
        handle.onValue(listen);
        return undefined;
      };
      await begin({ pack: withControl({ mount }) });
      const { unmount } = render(<Shown />);
      act(() => handles[0]?.change([7]));
      expect(screen.getByRole('note')).toBeTruthy();
      expect((screen.getByLabelText('curve') as HTMLInputElement).value).toBe('[7]');
      unmount();
      endStart();
      await switchExtension('pack', false, async () => ({}));
      keepOff([]);
    }
  });
});

describe('inputs whose type an extension knows', () => {
  it('become widgets as tall as it says, in documents that are open as well, and keep their values', async () => {
    await begin({});
    const end = rereadDocuments();
    const file = {
      nodes: [{ id: 1, type: 'Curve', pos: [0, 0], size: [200, 50], widgets_values: [[0, 0.5], 4] }],
      links: [],
      version: 0.4,
    };
    useDocuments.getState().open('test', readWorkflow(file, useDefinitions.getState().definitions));
    const before = [...activeDocument().graph.nodes.values()][0];
    expect(before?.inputs[0]?.widget).toBeNull();
    await begin({ pack: withControl({ ...plain, height: 90 }) });
    const { definitions } = useDefinitions.getState();
    const after = [...activeDocument().graph.nodes.values()][0];
    expect(Object.fromEntries(after?.values ?? [])).toEqual({ curve: [0, 0.5], amount: 4 });
    expect(after?.inputs.find(({ name }) => name === 'curve')?.widget).toBe('curve');
    if (after === undefined) throw new Error('the node is gone');
    const row = rowsOf(after, definitions.get('Curve') ?? null).find((each) => each.widget === 'curve');
    expect(row?.height).toBeGreaterThanOrEqual(90);
    expect(writeWorkflow(activeDocument().graph, definitions)).toMatchObject({
      nodes: [{ widgets_values: [[0, 0.5], 4] }],
    });
    end();
  });

  it('read files of before, which have no value for them, without moving the others', async () => {
    rememberForeign('CURVE', { pack: 'pack', height: null });
    await begin({ pack: withControl(plain) });
    const { definitions } = useDefinitions.getState();
    const file = {
      nodes: [{ id: 1, type: 'Curve', pos: [0, 0], size: [200, 50], widgets_values: [4] }],
      links: [],
      version: 0.4,
    };
    const [read] = readWorkflow(file, definitions).nodes.values();
    expect(Object.fromEntries(read?.values ?? [])).toEqual({ curve: [0, 1], amount: 4 });
  });

  it('stay widgets while the extension is off', async () => {
    await begin({ pack: withControl(plain) });
    await switchExtension('pack', false, async () => ({}));
    await useDefinitions.getState().refresh();
    expect(
      useDefinitions
        .getState()
        .definitions.get('Curve')
        ?.widgets.map(({ name }) => name),
    ).toEqual(['curve', 'amount']);
  });

  it('are never those of the editor, of its nodes or of another pack', async () => {
    const refused: string[] = [];
    const setup: Setup = (nodeloom) => {
      for (const type of ['INT', 'COLOR', 'MODEL', 'CURVE', '']) {
        try {
          nodeloom.registerWidget(type, plain);
        } catch (error) {
          refused.push((error as Error).message);
        }
      }
      return undefined;
    };
    await begin({ first: withControl(plain), second: setup });
    expect(refused).toHaveLength(5);
    expect(refused.join()).toContain('first');
    expect(extension('second')?.widgets).toEqual([]);
  });
});

describe('an extension', () => {
  it('that throws, has no setup, or never ends keeps no other from running', async () => {
    vi.useFakeTimers();
    const begun = begin({
      throws: () => {
        throw new Error('not today');
      },
      nothing: 42,
      waits: () => new Promise<undefined>(() => {}),
      works: () => undefined,
    });
    await vi.advanceTimersByTimeAsync(11_000);
    await begun;
    vi.useRealTimers();
    const states = useExtensions.getState().extensions.map(({ pack, state }) => [pack, state]);
    expect(states).toEqual([
      ['throws', 'failed'],
      ['nothing', 'failed'],
      ['waits', 'slow'],
      ['works', 'running'],
    ]);
    expect(extension('throws')?.problems).toEqual(['not today']);
  });

  it('that fails leaves plain fields that say so where its controls were', async () => {
    rememberForeign('CURVE', { pack: 'pack', height: 90 });
    await begin({ pack: () => Promise.reject(new Error('no ink')) });
    render(<Shown />);
    expect(screen.getByRole('note').textContent).toContain('no ink');
  });

  it('is given an object that it cannot change', async () => {
    const given: Nodeloom[] = [];
    await begin({ pack: (nodeloom: Nodeloom) => void given.push(nodeloom) });
    const [nodeloom] = given;
    expect(nodeloom?.version).toBe(1);
    expect(Object.isFrozen(nodeloom) && Object.isFrozen(nodeloom?.edit)).toBe(true);
  });

  it('sees the graph as a copy and sets values as steps that can be undone', async () => {
    const given: Nodeloom[] = [];
    await begin({
      pack: (nodeloom: Nodeloom) => {
        given.push(nodeloom);
        return withControl(plain)(nodeloom);
      },
    });
    const definition = useDefinitions.getState().definitions.get('Curve');
    const nodeloom = given[0];
    if (definition === undefined || nodeloom === undefined) throw new Error('nothing began');
    const made = newNode(definition, [0, 0], '7');
    useDocuments.getState().open('test', { ...EMPTY_GRAPH, nodes: new Map([['7', made]]) });
    const [view] = nodeloom.graph().nodes;
    expect(view).toMatchObject({ id: '7', title: 'Curve', values: { curve: [0, 1], amount: 1 } });
    expect(() => Object.assign(view?.values ?? {}, { amount: 2 })).toThrow(TypeError);
    nodeloom.edit.setValues('7', { amount: 2.2, curve: [1] });
    const values = () => Object.fromEntries(activeDocument().graph.nodes.get('7')?.values ?? []);
    expect(values()).toMatchObject({ curve: [1] });
    useDocuments.getState().undo();
    expect(values()).toEqual({ curve: [0, 1], amount: 1 });
    expect(() => nodeloom.edit.setValue('8', 'amount', 1)).toThrow(/no node 8/u);
    expect(() => nodeloom.edit.setValue('7', 'other', 1)).toThrow(/no widget other/u);
    expect(() => nodeloom.edit.setValue('7', 'curve', (() => 1) as unknown as number)).toThrow(/function/u);
  });

  it('adds commands in its own words, which go with it; an exception in one is told and noted', async () => {
    await begin({
      pack: (nodeloom: Nodeloom) => {
        nodeloom.addTexts('en', { go: 'Go on' });
        nodeloom.addTexts('zh', { go: '继续' });
        nodeloom.registerCommand({
          id: 'go',
          title: 'go',
          keys: 'Ctrl+Shift+K',
          run: () => {
            throw new Error('stuck');
          },
        });
      },
    });
    const added = commandsNow().find((each) => each.id === 'extension.pack.go');
    expect(translated(added?.title ?? '')).toBe('Go on');
    expect(added?.keys).toEqual(['$mod+Shift+k']);
    await changeLocale('zh');
    expect(translated(added?.title ?? '')).toBe('继续');
    expect(translated('app.untitled')).toBe('未命名');
    await changeLocale('en');
    await added?.run();
    expect(extension('pack')?.problems).toEqual(['stuck']);
    await switchExtension('pack', false, async () => ({}));
    expect(commandsNow().some((each) => each.id === 'extension.pack.go')).toBe(false);
  });

  it('cannot have keys that the browser keeps', async () => {
    await begin({
      pack: (nodeloom: Nodeloom) =>
        nodeloom.registerCommand({ id: 'go', title: 'Go', keys: 'Ctrl+W', run: () => undefined }),
    });
    expect(extension('pack')).toMatchObject({
      state: 'failed',
      problems: ['The command go cannot have the keys Ctrl+W.'],
    });
  });
});

describe('scripts of packs', () => {
  it('are not run in safe mode', async () => {
    window.history.replaceState(null, '', '/?safe=1');
    const setup = vi.fn();
    await begin({ pack: setup });
    expect(setup).not.toHaveBeenCalled();
    expect(useExtensions.getState().mode).toBe('safe');
    expect(extension('pack')?.state).toBe('waiting');
  });

  it('are held back after a start that broke off, and that is asked only once', async () => {
    sessionStorage.setItem('nodeloom.client', '"me"');
    localStorage.setItem('nodeloom.extensions.starting', JSON.stringify({ me: { at: 1, pack: 'pack' } }));
    const setup = vi.fn();
    await begin({ pack: setup });
    expect(setup).not.toHaveBeenCalled();
    expect(useExtensions.getState().mode).toBe('held');
    await begin({ pack: setup });
    expect(setup).toHaveBeenCalledTimes(1);
  });
});
