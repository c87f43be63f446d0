/** What keeps the editor open to everyone: places found without a pointer, words of other languages, long presses. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenLongPress } from '../../src/canvas/useLongPress';
import { openingView } from '../../src/canvas/view';
import { freePlace } from '../../src/model/freePlace';
import { readDefinitions } from '../../src/model/schema';
import { NO_WORDS, spoken, spokenTemplate } from '../../src/model/spoken';

describe('a free place', () => {
  const size = [200, 100] as const;

  it('is the wanted one where nothing is in the way', () => {
    expect(freePlace([], size, [10, 20])).toEqual([10, 20]);
  });

  it('lies below what is in the way, and beside a column that is too long', () => {
    const box = (y: number) => ({ x: 0, y, width: 200, height: 300 });
    const [x, y] = freePlace([box(0)], size, [0, 0]);
    expect([x, y > 300]).toEqual([0, true]);
    const column = Array.from({ length: 8 }, (_, at) => box(at * 310));
    const beside = freePlace(column, size, [0, 0]);
    expect(beside[0]).toBeGreaterThan(200);
  });
});

describe('the view a graph is opened with', () => {
  const bounds = { x: 100, y: 100, width: 1600, height: 500 };

  it('shows all of it on a desk and what can be read on a phone', () => {
    expect(openingView(bounds, [1400, 800]).zoom).toBeLessThan(0.9);
    const phone = openingView(bounds, [375, 600]);
    expect(phone.zoom).toBe(0.7);
    expect(phone.x + bounds.x * phone.zoom).toBeGreaterThan(0);
  });
});

describe('definitions in other words', () => {
  const told = readDefinitions({
    KSampler: {
      display_name: 'KSampler',
      category: 'sampling',
      input: { required: { seed: ['INT', { tooltip: 'chooses the noise.' }] } },
      output: ['LATENT'],
    },
  });
  const words = {
    KSampler: 'K 采样器',
    sampling: '采样',
    seed: '种子',
    'chooses the noise.': '决定噪声。',
    LATENT: 'Latent',
  };

  it('show the words and keep every name that is stored', () => {
    const found = spoken(told, words).get('KSampler');
    expect(found).toMatchObject({
      id: 'KSampler',
      displayName: 'K 采样器',
      originalName: 'KSampler',
      category: '采样',
    });
    expect(found?.inputs[0]).toMatchObject({ name: 'seed', label: '种子', tooltip: '决定噪声。' });
    expect(found?.widgets[0]).toMatchObject({ name: 'seed', label: '种子' });
    expect(found?.outputs[0]).toMatchObject({ name: 'LATENT', label: 'Latent' });
  });

  it('are the same objects each time, so that nothing is drawn anew', () => {
    expect(spoken(told, words).get('KSampler')).toBe(spoken(told, words).get('KSampler'));
    expect(spoken(told, NO_WORDS)).toBe(told);
  });

  it('leave words of the language itself alone', () => {
    expect(
      spoken(readDefinitions({ constructor: { input: {} } }), words).get('constructor')?.displayName,
    ).toBe('constructor');
  });

  it('give templates their titles', () => {
    const template = { '1': { class_type: 'KSampler', inputs: {}, _meta: { title: 'KSampler' } } };
    expect(spokenTemplate(template, words)).toMatchObject({ '1': { _meta: { title: 'K 采样器' } } });
    expect(spokenTemplate(template, NO_WORDS)).toBe(template);
  });
});

describe('a long press', () => {
  let root: HTMLElement;
  let end: () => void;
  const menus: [number, number][] = [];
  const touch = (name: string, x: number, y: number) =>
    root.dispatchEvent(
      new PointerEvent(name, { bubbles: true, pointerType: 'touch', pointerId: 1, clientX: x, clientY: y }),
    );

  beforeEach(() => {
    vi.useFakeTimers();
    root = document.body.appendChild(document.createElement('div'));
    root.addEventListener('contextmenu', (event) => menus.push([event.clientX, event.clientY]));
    end = listenLongPress(root);
    menus.length = 0;
  });
  afterEach(() => {
    end();
    root.remove();
    vi.useRealTimers();
  });

  it('opens the menu where the finger is', () => {
    touch('pointerdown', 30, 40);
    vi.advanceTimersByTime(600);
    expect(menus).toEqual([[30, 40]]);
  });

  it('is none where the finger moves or lets go', () => {
    touch('pointerdown', 30, 40);
    touch('pointermove', 60, 40);
    vi.advanceTimersByTime(600);
    touch('pointerup', 60, 40);
    touch('pointerdown', 30, 40);
    touch('pointerup', 30, 40);
    vi.advanceTimersByTime(600);
    expect(menus).toEqual([]);
  });
});
