/** The controls of widgets as people use them: mouse, keyboard, input methods, links, problems. */

import { cleanup, createEvent, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../src/i18n';
import type { Widget } from '../../src/model/definition';
import type { Json } from '../../src/model/types';
import { registerWidget } from '../../src/widgets/registry';
import { WidgetField } from '../../src/widgets/WidgetField';
import { node, widget } from './widgetsKit';

const MOST = (1n << 64n) - 1n;
const changes = vi.fn<(value: Json) => void>();

interface ShownProps {
  readonly of: Widget;
  readonly start: Json;
  readonly linked?: boolean;
  readonly problem?: string | null;
}

function Shown({ of, start, linked = false, problem = null }: ShownProps) {
  const [value, setValue] = useState<Json>(start);
  const change = (next: Json): void => {
    changes(next);
    setValue(next);
  };
  return (
    <>
      <WidgetField
        node={node()}
        widget={of}
        value={value}
        onChange={change}
        linked={linked}
        problem={problem}
      />
      <button type="button" onClick={() => setValue(start)}>
        undo
      </button>
    </>
  );
}

const last = (): Json | undefined => changes.mock.lastCall?.[0];

beforeEach(() => {
  changes.mockClear();
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(280);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(240);
});
afterEach(cleanup);

const steps = widget({
  name: 'steps',
  kind: 'integer',
  minimum: 1,
  maximum: 100,
  step: 1,
  tooltip: 'How many.',
});
const seed = widget({ name: 'seed_like', kind: 'integer', minimum: 0, maximum: MOST });
const cfg = widget({ name: 'cfg', kind: 'float', minimum: 0, maximum: 10, step: 0.5, decimals: 1 });

describe('a number', () => {
  it('has a name, a description, its bounds and its value', () => {
    render(<Shown of={steps} start={20} problem="Too many." linked />);
    const field = screen.getByRole('spinbutton', { name: 'steps' });
    expect(field.getAttribute('aria-valuenow')).toBe('20');
    expect(field.getAttribute('aria-valuemax')).toBe('100');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const description = document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent;
    expect(description).toBe('Too many. How many. A link gives this value.');
    expect((field as HTMLInputElement).disabled).toBe(true);
    expect((field as HTMLInputElement).value).toBe('20');
    expect(field.className).toContain('nodrag');
  });

  it('is typed, clamped, and shown as typed until it is left', async () => {
    const user = userEvent.setup();
    render(<Shown of={steps} start={20} />);
    const field = screen.getByRole<HTMLInputElement>('spinbutton');
    await user.clear(field);
    expect(last()).toBeUndefined();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    await user.type(field, '512');
    expect(field.value).toBe('512');
    expect(last()).toBe(100);
    await user.tab();
    expect(field.value).toBe('100');
  });

  it('keeps 64 bits', async () => {
    const user = userEvent.setup();
    render(<Shown of={seed} start={0} />);
    const field = screen.getByRole<HTMLInputElement>('spinbutton');
    await user.clear(field);
    await user.type(field, '18446744073709551614');
    expect(last()).toBe(MOST - 1n);
    await user.keyboard('{ArrowUp}');
    expect(last()).toBe(MOST);
    await user.keyboard('{ArrowUp}');
    expect(last()).toBe(MOST);
    expect(field.value).toBe('18446744073709551615');
  });

  it('steps with the keys and goes back with Escape', async () => {
    const user = userEvent.setup();
    render(<Shown of={cfg} start={7} />);
    const field = screen.getByRole<HTMLInputElement>('spinbutton');
    field.focus();
    await user.keyboard('{ArrowUp}');
    expect(last()).toBe(7.5);
    await user.keyboard('{PageDown}');
    expect(last()).toBe(2.5);
    await user.keyboard('{PageDown}');
    expect(last()).toBe(0);
    await user.clear(field);
    await user.type(field, '9');
    await user.keyboard('{Escape}');
    expect(last()).toBe(7);
    expect(field.value).toBe('7.0');
  });

  it('is dragged, and edited after a click', async () => {
    render(<Shown of={cfg} start={7} />);
    const field = screen.getByRole<HTMLInputElement>('spinbutton');
    fireEvent.pointerDown(field, { button: 0, clientX: 100, pointerId: 1 });
    fireEvent.pointerMove(field, { clientX: 102, pointerId: 1 });
    expect(last()).toBeUndefined();
    fireEvent.pointerMove(field, { clientX: 108, pointerId: 1 });
    expect(last()).toBe(8);
    fireEvent.pointerMove(field, { clientX: 500, pointerId: 1 });
    expect(last()).toBe(10);
    fireEvent.pointerMove(field, { clientX: 92, pointerId: 1 });
    expect(last()).toBe(6);
    fireEvent.pointerUp(field, { pointerId: 1 });
    expect(document.activeElement).not.toBe(field);
    changes.mockClear();
    fireEvent.pointerMove(field, { clientX: 300, pointerId: 1 });
    fireEvent.pointerDown(field, { button: 0, clientX: 100, pointerId: 1 });
    fireEvent.pointerUp(field, { pointerId: 1 });
    expect(document.activeElement).toBe(field);
    expect(changes).not.toHaveBeenCalled();
  });

  it('takes nothing that an input method has not finished', () => {
    render(<Shown of={steps} start={20} />);
    const field = screen.getByRole<HTMLInputElement>('spinbutton');
    field.focus();
    fireEvent.compositionStart(field);
    fireEvent.input(field, { target: { value: '３' }, isComposing: true });
    fireEvent.keyDown(field, { key: 'ArrowUp', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
    expect(changes).not.toHaveBeenCalled();
    fireEvent.compositionEnd(field);
    expect(last()).toBe(3);
  });
});

describe('text', () => {
  const prompt = widget({ name: 'prompt', multiline: true });

  it('is typed and follows what others change', async () => {
    const user = userEvent.setup();
    render(<Shown of={prompt} start="a cat" />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'prompt' });
    await user.type(field, '!');
    expect(last()).toBe('a cat!');
    fireEvent.click(screen.getByText('undo'));
    expect(field.value).toBe('a cat');
    expect(field.className).toContain('nowheel');
  });

  it('is not overwritten by a value that comes late', () => {
    const { rerender } = render(
      <WidgetField node={node()} widget={prompt} value="" onChange={changes} linked={false} problem={null} />,
    );
    const show = (value: string): void =>
      rerender(
        <WidgetField
          node={node()}
          widget={prompt}
          value={value}
          onChange={changes}
          linked={false}
          problem={null}
        />,
      );
    const field = screen.getByRole<HTMLTextAreaElement>('textbox');
    fireEvent.input(field, { target: { value: 'a' } });
    fireEvent.input(field, { target: { value: 'ab' } });
    show('a');
    expect(field.value).toBe('ab');
    show('ab');
    expect(field.value).toBe('ab');
    show('other');
    expect(field.value).toBe('other');
  });

  it('is handed on when an input method is done', () => {
    render(<Shown of={prompt} start="" />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox');
    fireEvent.compositionStart(field);
    fireEvent.input(field, { target: { value: 'mao' }, isComposing: true });
    expect(field.value).toBe('mao');
    expect(changes).not.toHaveBeenCalled();
    fireEvent.input(field, { target: { value: '猫' }, isComposing: true });
    fireEvent.compositionEnd(field);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(last()).toBe('猫');
  });

  it('weights what is selected', () => {
    render(<Shown of={prompt} start="a red cat" />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox');
    field.setSelectionRange(2, 5);
    fireEvent.keyDown(field, { key: 'ArrowUp', ctrlKey: true });
    expect(last()).toBe('a (red:1.05) cat');
    expect([field.selectionStart, field.selectionEnd]).toEqual([3, 6]);
    fireEvent.keyDown(field, { key: 'ArrowUp', ctrlKey: true });
    expect(last()).toBe('a (red:1.1) cat');
    fireEvent.keyDown(field, { key: 'ArrowDown', ctrlKey: true });
    fireEvent.keyDown(field, { key: 'ArrowDown', ctrlKey: true });
    expect(last()).toBe('a red cat');
    const composing = createEvent.keyDown(field, { key: 'ArrowUp', ctrlKey: true, isComposing: true });
    fireEvent(field, composing);
    expect(composing.defaultPrevented).toBe(false);
  });

  it('is one line where it is not told to be more', () => {
    render(<Shown of={widget({ name: 'prefix' })} start="x" />);
    expect(screen.getByRole('textbox', { name: 'prefix' }).tagName).toBe('INPUT');
  });
});

describe('a choice', () => {
  const sampler = widget({ name: 'sampler', kind: 'choice', choices: ['euler', 'dpm', 'heun'] });
  const many = widget({
    name: 'model',
    kind: 'choice',
    choices: Array.from({ length: 5000 }, (_, index) => `model-${index}.safetensors`),
  });

  it('is searched and picked with the keyboard', async () => {
    const user = userEvent.setup();
    render(<Shown of={sampler} start="euler" />);
    const field = screen.getByRole('combobox', { name: 'sampler' });
    expect(field.textContent).toBe('euler');
    field.focus();
    await user.keyboard('{ArrowDown}');
    const search = screen.getByRole('combobox', { name: 'Search' });
    expect(document.activeElement).toBe(search);
    expect(screen.getAllByRole('option')).toHaveLength(3);
    await user.keyboard('{ArrowDown}{ArrowDown}');
    const marked = document.getElementById(search.getAttribute('aria-activedescendant') ?? '');
    expect(marked?.textContent).toBe('heun');
    await user.keyboard('dp{Enter}');
    expect(last()).toBe('dpm');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(document.activeElement).toBe(field);
  });

  it('opens with a letter as the beginning of the search, and closes with Escape', async () => {
    const user = userEvent.setup();
    render(<Shown of={sampler} start="euler" />);
    const field = screen.getByRole('combobox', { name: 'sampler' });
    field.focus();
    await user.keyboard('h');
    await user.keyboard('e');
    expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'Search' }).value).toBe('he');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(changes).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(field);
  });

  it('is picked with the mouse', async () => {
    const user = userEvent.setup();
    render(<Shown of={sampler} start="euler" />);
    await user.click(screen.getByRole('combobox', { name: 'sampler' }));
    expect(screen.getByRole('option', { name: 'euler' }).getAttribute('aria-selected')).toBe('true');
    await user.click(screen.getByRole('option', { name: 'heun' }));
    expect(last()).toBe('heun');
  });

  it('makes only the rows in sight of a long list', async () => {
    const user = userEvent.setup();
    render(<Shown of={many} start="model-4000.safetensors" />);
    await user.click(screen.getByRole('combobox', { name: 'model' }));
    const options = screen.getAllByRole('option');
    expect(options.length).toBeGreaterThan(5);
    expect(options.length).toBeLessThan(60);
    expect(options[0]?.getAttribute('aria-setsize')).toBe('5000');
    await user.keyboard('4999{Enter}');
    expect(last()).toBe('model-4999.safetensors');
  });

  it('keeps and marks what the server does not offer', async () => {
    const user = userEvent.setup();
    render(<Shown of={sampler} start="<img src=x>" />);
    const field = screen.getByRole('combobox', { name: 'sampler' });
    expect(field.textContent).toBe('<img src=x>');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Not on this server: <img src=x>')).toBeTruthy();
    await user.click(field);
    expect(screen.getAllByRole('option')[0]?.dataset.missing).toBe('true');
    await user.keyboard('{Escape}');
    expect(changes).not.toHaveBeenCalled();
  });

  it('stays open while several are chosen', async () => {
    const user = userEvent.setup();
    render(<Shown of={{ ...sampler, multiselect: true }} start={['euler']} />);
    await user.click(screen.getByRole('combobox', { name: 'sampler' }));
    await user.click(screen.getByRole('option', { name: 'heun' }));
    expect(last()).toEqual(['euler', 'heun']);
    expect(screen.getByRole('listbox').getAttribute('aria-multiselectable')).toBe('true');
  });

  it('does not open while a link gives its value', async () => {
    const user = userEvent.setup();
    render(<Shown of={sampler} start="euler" linked />);
    const field = screen.getByRole('combobox', { name: 'sampler' });
    await user.click(field);
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(field.textContent).toBe('euler');
  });
});

describe('other values', () => {
  it('are switched', async () => {
    const user = userEvent.setup();
    const add = widget({
      name: 'add_noise',
      kind: 'boolean',
      options: { label_on: 'enable', label_off: 'disable' },
    });
    render(<Shown of={add} start={false} />);
    const field = screen.getByRole('switch', { name: 'add_noise' });
    expect(screen.getByText('disable')).toBeTruthy();
    await user.click(field);
    expect(last()).toBe(true);
    await user.keyboard(' ');
    expect(last()).toBe(false);
  });

  it('control seeds', async () => {
    const user = userEvent.setup();
    render(<Shown of={widget({ name: 'seed.control', kind: 'control' })} start="randomize" />);
    const field = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Each run' });
    expect(field.selectedOptions[0]?.textContent).toBe('Randomise');
    await user.selectOptions(field, 'Keep');
    expect(last()).toBe('fixed');
  });

  it('of unknown kind are shown as JSON and taken only where they are some', () => {
    const custom = widget({ name: 'points', kind: 'custom', type: 'POINTS' });
    render(<Shown of={custom} start={{ a: [1, MOST] }} />);
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'points' });
    expect(field.value).toBe('{"a":[1,18446744073709551615]}');
    fireEvent.input(field, { target: { value: '{"a":' } });
    expect(changes).not.toHaveBeenCalled();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    fireEvent.input(field, { target: { value: '{"a": 3}' } });
    expect(last()).toEqual({ a: 3 });
    expect(field.value).toBe('{"a": 3}');
  });

  it('are colours', () => {
    render(<Shown of={widget({ name: 'tint', kind: 'custom', type: 'COLOR' })} start="#abc" />);
    expect(screen.getByLabelText<HTMLInputElement>('Pick a colour').value).toBe('#aabbcc');
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'tint' });
    fireEvent.input(field, { target: { value: '#12' } });
    expect(changes).not.toHaveBeenCalled();
    fireEvent.input(field, { target: { value: '#123456' } });
    expect(last()).toBe('#123456');
  });

  it('may be shown by what a pack registered', () => {
    const forget = registerWidget('POINTS', ({ value, id }) => (
      <output id={id}>points: {String(value)}</output>
    ));
    const { unmount } = render(
      <Shown of={widget({ name: 'points', kind: 'custom', type: 'POINTS' })} start="7" />,
    );
    expect(screen.getByText('points: 7')).toBeTruthy();
    unmount();
    forget();
    render(<Shown of={widget({ name: 'points', kind: 'custom', type: 'POINTS' })} start="7" />);
    expect(screen.queryByText('points: 7')).toBeNull();
  });
});
