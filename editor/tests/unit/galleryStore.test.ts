/** How the gallery asks the server for its pictures. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { ApiError } from '../../src/api/errors';
import type { Api } from '../../src/api/interface';
import { entryAt, PAGE } from '../../src/image/gallery/entries';
import { chosenFiles, useGallery } from '../../src/image/gallery/store';
import type { Json } from '../../src/model/types';

const BEGINNING = useGallery.getState();

/** A folder of so many pictures, the newest first; `unread` is what a search has still to look into, answer by answer. */
class Folder {
  total = 250;
  unread: number[] = [];
  readonly asked: URLSearchParams[] = [];
  problem: ApiError | null = null;

  async getJson(path: string): Promise<Json> {
    const query = new URLSearchParams(path.slice(path.indexOf('?')));
    this.asked.push(query);
    if (this.problem !== null) throw this.problem;
    const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
    const length = Math.max(0, Math.min(limit, this.total - offset));
    const files = Array.from({ length }, (_, index) => {
      const number = this.total - offset - index;
      return { name: `sub/${number}.png`, size: 5, modified: number, url: '' };
    });
    return { kind: 'output', files, total: this.total, offset, limit, unread: this.unread.shift() ?? 0 };
  }
}

let folder = new Folder();
beforeEach(() => {
  folder = new Folder();
  setApi(folder as unknown as Api);
  useGallery.setState(BEGINNING, true);
});
afterEach(() => setApi(null));

const state = () => useGallery.getState();
const nameAt = (index: number) => entryAt(state().pages, index)?.file.filename;

describe('the gallery', () => {
  it('asks for the pages in sight only, each of them once', async () => {
    state().ask({ folder: 'output' });
    await vi.waitFor(() => expect(state().total).toBe(250));
    expect(nameAt(0)).toBe('250.png');
    state().show(PAGE - 5, PAGE + 5);
    state().show(PAGE - 4, PAGE + 6);
    await vi.waitFor(() => expect(nameAt(PAGE)).toBe('150.png'));
    expect(folder.asked.map((query) => query.get('offset'))).toEqual(['0', `${PAGE}`]);
    expect(folder.asked[0]?.get('media')).toBe('image');
  });

  it('shows what runs have made since, and keeps what is selected', async () => {
    state().ask({});
    await vi.waitFor(() => expect(nameAt(0)).toBe('250.png'));
    state().mark(0, { range: false, toggle: false });
    folder.total = 251;
    state().refresh();
    await vi.waitFor(() => expect(nameAt(0)).toBe('251.png'));
    expect(chosenFiles(state().chosen).map((file) => file.filename)).toEqual(['250.png']);
  });

  it('asks anew for what is in sight when a page tells of another number of pictures', async () => {
    state().ask({});
    await vi.waitFor(() => expect(state().total).toBe(250));
    folder.total = 260;
    state().show(PAGE, PAGE + 5);
    await vi.waitFor(() => expect(state().total).toBe(260));
    await vi.waitFor(() => expect(nameAt(PAGE)).toBe('160.png'));
    expect(nameAt(0)).toBeUndefined();
  });

  it('goes on with a search as long as the server gets on with it', async () => {
    folder.unread = [500, 200, 200, 100];
    state().ask({ search: ' red apple ' });
    await vi.waitFor(() => expect(folder.asked).toHaveLength(3));
    await new Promise((done) => setTimeout(done, 0));
    expect(folder.asked).toHaveLength(3);
    expect(folder.asked[0]?.get('search')).toBe('red apple');
    expect(state().unread).toBe(200);
  });

  it('forgets answers to what it asked before, and what was selected then', async () => {
    state().ask({ search: 'old' });
    state().ask({ search: '', order: 'name' });
    await vi.waitFor(() => expect(state().total).toBe(250));
    state().mark(3, { range: false, toggle: false });
    state().ask({ folder: 'input' });
    expect(state().chosen.size).toBe(0);
    expect(state().question).toEqual({ folder: 'input', order: 'name', search: '' });
  });

  it('says why there is nothing to see', async () => {
    folder.problem = new ApiError('offline', 0, 'offline', 'The server does not answer.');
    state().refresh();
    await vi.waitFor(() => expect(state().problem).toBe('The server does not answer.'));
    folder.problem = null;
    state().refresh();
    await vi.waitFor(() => expect(state().problem).toBeNull());
  });

  it('hands the selected pictures out with the oldest first', async () => {
    state().ask({});
    await vi.waitFor(() => expect(state().total).toBe(250));
    state().mark(1, { range: false, toggle: false });
    state().mark(4, { range: false, toggle: true });
    expect(chosenFiles(state().chosen).map((file) => file.filename)).toEqual(['246.png', '249.png']);
    state().markAlone(4);
    expect(state().chosen.size).toBe(2);
    state().markAlone(7);
    expect(state().chosen.size).toBe(1);
    state().unmark();
    expect(state().chosen.size).toBe(0);
  });
});
