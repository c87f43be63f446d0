/** The helps of a prompt field as people use them: completions by keyboard, mouse and touch, tokens, hints. */

import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { FakeServer } from '../../src/api/fake';
import '../../src/i18n';
import type { NodeDefinition } from '../../src/model/definition';
import { addNode, connect, inputOf, outputOf, setValue } from '../../src/model/edit';
import { linkInto } from '../../src/model/graph';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH, type Graph, type Json } from '../../src/model/types';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments, useInner } from '../../src/state/documents';
import { useSettings } from '../../src/state/settings';
import { WidgetField } from '../../src/widgets/WidgetField';

vi.mock('../../src/widgets/prompt/tokenizer', async () => {
  const { ClipTokenizer } = await import('../../src/model/clipTokenizer');
  return { loadTokenizer: async () => new ClipTokenizer('a t</w>\nc at</w>') };
});

const socket = (type: string) => [type, {}];
const INFO = {
  Checkpoint: { input: { required: {} }, output: ['MODEL', 'CLIP'] },
  Prompt: {
    input: {
      required: { text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: socket('CLIP') },
    },
    output: ['CONDITIONING'],
  },
  LoraLoader: {
    input: {
      required: {
        model: socket('MODEL'),
        clip: socket('CLIP'),
        lora_name: [['pixel.safetensors', '<b>x</b>.safetensors'], {}],
        strength_model: ['FLOAT', { default: 1, step: 0.01 }],
        strength_clip: ['FLOAT', { default: 1, step: 0.01 }],
      },
    },
    output: ['MODEL', 'CLIP'],
  },
};
const DEFINITIONS = readDefinitions(INFO);
const kind = (type: string): NodeDefinition => DEFINITIONS.get(type) as NodeDefinition;

function workflow(text: string): Graph {
  let { graph } = addNode(EMPTY_GRAPH, kind('Checkpoint'), [0, 0]);
  for (const value of [text, 'golden retriever, golden hour, golden hour']) {
    const added = addNode(graph, kind('Prompt'), [400, 0]);
    graph = setValue(added.graph, added.id, 'text', value);
  }
  return connect(graph, outputOf('1', 1), inputOf('2', 1));
}

/** The field of node 2, as it is on the canvas and in panels. */
function Field() {
  const node = useInner().nodes.get('2');
  const widget = kind('Prompt').widgets[0];
  if (node === undefined || widget === undefined) return null;
  const change = (value: Json): void =>
    useDocuments
      .getState()
      .edit('step.value', (graph) => setValue(graph, '2', 'text', value), { merge: 'text' });
  const value = node.values.get('text') ?? '';
  return (
    <WidgetField node={node} widget={widget} value={value} onChange={change} linked={false} problem={null} />
  );
}

const BEGINNING = useDocuments.getState();
const area = (): HTMLTextAreaElement => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'text' });
const text = (): string => String(activeDocument().graph.nodes.get('2')?.values.get('text'));
const names = (): string[] => screen.queryAllByRole('option').map((each) => each.getAttribute('title') ?? '');
const marked = (): string | undefined =>
  document.getElementById(area().getAttribute('aria-activedescendant') ?? '')?.title;

/** The field with the cursor at the end of a text, its helps loaded. */
async function shown(start: string) {
  useDocuments.getState().open('test', workflow(start));
  render(<Field />);
  const user = userEvent.setup();
  await user.click(area());
  area().setSelectionRange(start.length, start.length);
  await screen.findByText(/\d+\/\d+/u);
  return user;
}

beforeEach(() => {
  const server = new FakeServer();
  server.embeddings = async () => ['ink', 'style/ink-wash', 'unsized'];
  server.answers.set('v1/embeddings', {
    embeddings: [
      { name: 'ink', vectors: 4 },
      { name: 'style/ink-wash', vectors: 80 },
    ],
  });
  server.history = async () => ({
    run: {
      outputs: {},
      prompt: {
        id: 'run',
        number: 1,
        extra: {},
        prompt: { '9': { class_type: 'Prompt', inputs: { text: 'marble statue' } } },
      },
    },
  });
  setApi(server);
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
  useDefinitions.setState({ status: 'ready', definitions: DEFINITIONS });
  useDocuments.setState(BEGINNING);
  useSettings.setState({ completion: true, weightStep: 0.05 });
});
afterEach(() => {
  cleanup();
  setApi(null);
  vi.unstubAllGlobals();
});

describe('completion', () => {
  it('of an embedding is picked by keyboard', async () => {
    const user = await shown('a cat, ');
    await user.keyboard('embedding:');
    expect(names()).toEqual(['ink', 'style/ink-wash', 'unsized']);
    expect(area().getAttribute('aria-controls')).toBe(screen.getByRole('listbox').id);
    expect(marked()).toBe('ink');
    await user.keyboard('{ArrowDown}');
    expect(marked()).toBe('style/ink-wash');
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(marked()).toBe('ink');
    await user.keyboard('{ArrowUp}{ArrowUp}{Enter}');
    expect(text()).toBe('a cat, embedding:style/ink-wash');
    expect(area().selectionStart).toBe(text().length);
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(area().hasAttribute('aria-controls')).toBe(false);
    expect(document.activeElement).toBe(area());
  });

  it('leaves Enter and Tab to the field where it is closed, or where nothing was chosen', async () => {
    const user = await shown('a');
    await user.keyboard('{Enter}');
    expect(text()).toBe('a\n');
    await user.keyboard('gol');
    expect(names()).toEqual(['golden hour', 'golden retriever', 'golden']);
    expect(marked()).toBeUndefined();
    await user.keyboard('{Enter}');
    expect(text()).toBe('a\ngol\n');
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.tab();
    expect(document.activeElement).not.toBe(area());
  });

  it('takes the first by Tab, and one that was chosen by Enter', async () => {
    const user = await shown('');
    await user.keyboard('gol{Tab}');
    expect(text()).toBe('golden hour');
    await user.keyboard(', golden re{ArrowDown}{Enter}');
    expect(text()).toBe('golden hour, golden retriever');
    await user.keyboard(', marb{Tab}');
    expect(text()).toBe('golden hour, golden retriever, marble statue');
  });

  it('closes with Escape until another word is typed, and tells nobody else of the key', async () => {
    const user = await shown('');
    const pressed = vi.fn();
    window.addEventListener('keydown', pressed);
    await user.keyboard('gol{Escape}');
    window.removeEventListener('keydown', pressed);
    expect(pressed.mock.calls.map(([event]) => (event as KeyboardEvent).key)).toEqual(['g', 'o', 'l']);
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.keyboard('d');
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.keyboard(', gol');
    expect(names()).toContain('golden hour');
  });

  it('is picked with the mouse or a finger, and the field keeps the keyboard', async () => {
    const user = await shown('');
    await user.keyboard('embedding:');
    await user.click(screen.getByRole('option', { name: /style\/ink-wash/u }));
    expect(text()).toBe('embedding:style/ink-wash');
    expect(document.activeElement).toBe(area());
    await user.keyboard(' embedding:in');
    await user.pointer({ keys: '[TouchA]', target: screen.getByRole('option', { name: /^ink/u }) });
    expect(text()).toBe('embedding:style/ink-wash embedding:ink');
  });

  it('never opens while an input method composes, nor for what is pasted', async () => {
    const user = await shown('');
    const field = area();
    fireEvent.compositionStart(field);
    const composed = new InputEvent('input', {
      bubbles: true,
      inputType: 'insertCompositionText',
      data: 'gol',
      isComposing: true,
    });
    field.value = 'gol';
    field.setSelectionRange(3, 3);
    fireEvent(field, composed);
    expect(screen.queryByRole('listbox')).toBeNull();
    fireEvent.compositionEnd(field);
    expect(names()).toContain('golden hour');
    fireEvent.keyDown(field, { key: 'ArrowDown', isComposing: true });
    expect(marked()).toBeUndefined();
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
    expect(text()).toBe('gol');
    await user.keyboard('{Escape} ');
    await user.paste('golden');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('closes when the cursor goes elsewhere or the field is left', async () => {
    const user = await shown('');
    await user.keyboard('gol');
    expect(screen.getByRole('listbox')).toBeTruthy();
    act(() => {
      area().setSelectionRange(0, 0);
      document.dispatchEvent(new Event('selectionchange'));
    });
    expect(screen.queryByRole('listbox')).toBeNull();
    area().setSelectionRange(3, 3);
    await user.keyboard('d');
    expect(screen.getByRole('listbox')).toBeTruthy();
    await user.tab({ shift: true });
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('can be turned off', async () => {
    useSettings.setState({ completion: false });
    const user = await shown('');
    await user.keyboard('embedding:');
    expect(screen.queryByRole('listbox')).toBeNull();
  });
});

describe('a LoRA', () => {
  it('becomes a node, as the list says, in one step that can be undone', async () => {
    const user = await shown('a cat ');
    await user.keyboard('<lora:pix:0.7');
    expect(screen.getByText('adds a node')).toBeTruthy();
    expect(screen.getByText(/adds a node behind the model/u)).toBeTruthy();
    const steps = activeDocument().past.length;
    await user.keyboard('{Enter}');
    const { graph, past } = activeDocument();
    expect(past.length).toBe(steps + 1);
    expect(text()).toBe('a cat ');
    const node = [...graph.nodes.values()].find(({ type }) => type === 'LoraLoader');
    expect(node?.values.get('lora_name')).toBe('pixel.safetensors');
    expect(node?.values.get('strength_clip')).toBe(0.7);
    expect(linkInto(graph, '2', 1)?.source).toBe(node?.id);
    expect(screen.getByText('A node with the LoRA “pixel.safetensors” was added')).toBeTruthy();
    act(() => useDocuments.getState().undo());
    expect(activeDocument().graph.nodes.size).toBe(3);
    expect(area().value).toBe('a cat <lora:pix:0.7');
  });

  it('is shown as text, whatever it is called', async () => {
    const user = await shown('');
    await user.keyboard('<lora:b>'.slice(0, 7));
    expect(screen.getByText('<b>x</b>.safetensors')).toBeTruthy();
  });

  it('says why none can be had', async () => {
    useDefinitions.setState({ definitions: new Map([...DEFINITIONS].filter(([id]) => id !== 'LoraLoader')) });
    const user = await shown('');
    await user.keyboard('<lora:');
    expect(screen.getAllByText(/this server has no node that loads one/u)).toHaveLength(2);
    await user.keyboard('{Enter}');
    expect(text()).toBe('<lora:\n');
  });
});

describe('the line under a prompt', () => {
  it('counts tokens and chunks while it is worked on', async () => {
    const user = await shown('cat');
    expect(screen.getByText('1/75')).toBeTruthy();
    await user.keyboard(' cat embedding:style/ink-wash');
    await user.keyboard('{Escape}');
    await screen.findByText(/82\/150/u);
    expect(document.getElementById(`${area().id}-tokens`)?.textContent).toBe('Tokens: 82/150 · 2 chunks');
    expect(area().getAttribute('aria-describedby')).toContain(`${area().id}-tokens`);
    await user.tab();
    expect(screen.queryByText(/82\/150/u)).toBeNull();
  });

  it('counts what choices may make, and embeddings that do not tell their size', async () => {
    await shown('{cat|cat cat} // cat');
    expect(screen.getByText('1–2/75')).toBeTruthy();
    cleanup();
    await shown('embedding:unsized');
    expect(screen.getByText('≥ 1/75')).toBeTruthy();
  });

  it('hints at what has no partner once nobody types', async () => {
    const user = await shown('');
    await user.keyboard('(cat');
    expect(screen.queryByText(/is never closed/u)).toBeNull();
    await waitFor(() => expect(screen.getByText(/“\(” in line 1 is never closed/u)).toBeTruthy(), {
      timeout: 5000,
    });
    await user.keyboard(')');
    expect(screen.queryByText(/is never closed/u)).toBeNull();
  });

  it('names an embedding that is not there', async () => {
    await shown('embedding:gone cat');
    expect(await screen.findByText('No embedding “gone” on this server: it is left out')).toBeTruthy();
  });
});

describe('weights', () => {
  it('change by the step of the settings, and go back with undo within the field', async () => {
    useSettings.setState({ weightStep: 0.1 });
    const user = await shown('red cat');
    await user.keyboard('{Control>}{ArrowUp}{ArrowUp}{/Control}');
    expect(text()).toBe('red (cat:1.2)');
    await user.keyboard('{Control>}z{/Control}');
    expect(area().value).toBe('red cat');
    expect(area().selectionStart).toBe(7);
    await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}');
    expect(area().value).toBe('red (cat:1.2)');
  });
});
