/** What is selected in the gallery's grid, where keys lead, and which pages of the server are known. */

import { describe, expect, it } from 'vitest';
import { type Entry, entryAt, fileOf, PAGE, pagesOf, runAround } from '../../src/image/gallery/entries';
import { columnsIn, marked, NOTHING_MARKED, stepped } from '../../src/image/gallery/marking';

const ALONE = { range: false, toggle: false };
const RANGE = { range: true, toggle: false };
const TOGGLE = { range: false, toggle: true };
const keyAt = (index: number): string | null => (index === 7 ? null : `key ${index}`);

describe('the selection', () => {
  it('is the tile that is clicked, and with a range all from the first to the last', () => {
    const one = marked(NOTHING_MARKED, 3, ALONE, keyAt);
    expect([...one.selected]).toEqual(['key 3']);
    const range = marked(one, 5, RANGE, keyAt);
    expect([...range.selected]).toEqual(['key 3', 'key 4', 'key 5']);
    expect(range.anchor).toBe(3);
    expect([...marked(range, 2, RANGE, keyAt).selected]).toEqual(['key 3', 'key 2']);
  });

  it('gains and loses single tiles, and keeps the others beside a range', () => {
    const two = marked(marked(NOTHING_MARKED, 1, ALONE, keyAt), 4, TOGGLE, keyAt);
    expect([...two.selected]).toEqual(['key 1', 'key 4']);
    expect([...marked(two, 1, TOGGLE, keyAt).selected]).toEqual(['key 4']);
    const more = marked(two, 5, { range: true, toggle: true }, keyAt);
    expect([...more.selected]).toEqual(['key 1', 'key 4', 'key 5']);
  });

  it('passes over tiles that are not known yet', () => {
    const one = marked(NOTHING_MARKED, 6, ALONE, keyAt);
    expect(marked(one, 7, ALONE, keyAt)).toEqual({ ...one, focus: 7 });
    expect([...marked(one, 8, RANGE, keyAt).selected]).toEqual(['key 6', 'key 8']);
  });
});

describe('keys', () => {
  // 0 1 2
  // 3 4 5
  // 6 7
  const shape = { count: 8, columns: 3, rows: 2 };
  it.each([
    ['ArrowRight', 2, 3],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 7, 7],
    ['ArrowDown', 1, 4],
    ['ArrowDown', 5, 7],
    ['ArrowDown', 6, 6],
    ['ArrowUp', 4, 1],
    ['ArrowUp', 1, 1],
    ['PageUp', 4, 1],
    ['PageDown', 1, 4],
    ['Home', 5, 0],
    ['End', 0, 7],
  ])('%s leads from %i to %i', (key, from, to) => {
    expect(stepped(key, from, shape)).toBe(to);
  });

  it('lead nowhere where there is nothing or the key means something else', () => {
    expect(stepped('ArrowDown', 0, { count: 0, columns: 3, rows: 2 })).toBeNull();
    expect(stepped('x', 0, shape)).toBeNull();
  });

  it('go by whole screens to the column they came from at the top', () => {
    expect(stepped('PageUp', 52, { count: 100, columns: 5, rows: 40 })).toBe(2);
    expect(stepped('PageDown', 52, { count: 100, columns: 5, rows: 40 })).toBe(99);
  });
});

describe('columns', () => {
  it('fill the width, and are two at least', () => {
    expect(columnsIn(400, 124, 6)).toEqual({ columns: 3, side: 129 });
    expect(columnsIn(100, 124, 6)).toEqual({ columns: 2, side: 47 });
    expect(columnsIn(-5, 124, 6)).toEqual({ columns: 2, side: 1 });
  });
});

describe('pages', () => {
  const entry = (name: string): Entry => ({ file: fileOf(name, 'output'), size: 1, modified: 1 });
  const page = (number: number, length = PAGE): readonly Entry[] =>
    Array.from({ length }, (_, index) => entry(`${number * PAGE + index}.png`));
  const pages = new Map([
    [0, page(0)],
    [2, page(2)],
    [3, page(3, 5)],
  ]);

  it('are those in which the tiles in sight lie', () => {
    expect(pagesOf(0, PAGE - 1)).toEqual([0]);
    expect(pagesOf(PAGE - 1, 2 * PAGE)).toEqual([0, 1, 2]);
    expect(pagesOf(-50, -1)).toEqual([0]);
  });

  it('give their entries by place', () => {
    expect(entryAt(pages, 2 * PAGE + 1)?.file.filename).toBe(`${2 * PAGE + 1}.png`);
    expect(entryAt(pages, PAGE)).toBeNull();
    expect(entryAt(pages, 3 * PAGE + 5)).toBeNull();
  });

  it('that lie beside each other can be looked through', () => {
    const run = runAround(pages, 3 * PAGE + 1);
    expect(run.start).toBe(2 * PAGE);
    expect(run.files).toHaveLength(PAGE + 5);
    expect(run.files[3 * PAGE + 1 - run.start]?.filename).toBe(`${3 * PAGE + 1}.png`);
    expect(runAround(pages, 4)).toMatchObject({ start: 0, files: { length: PAGE } });
  });

  it('name files by folder and name', () => {
    expect(fileOf('a/b/c.png', 'input')).toEqual({ filename: 'c.png', subfolder: 'a/b', type: 'input' });
    expect(fileOf('c.png', 'output')).toEqual({ filename: 'c.png', subfolder: '', type: 'output' });
  });
});
