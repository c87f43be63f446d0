/** The pictures that the gallery shows: asked for page by page as they come into sight, and anew when runs make more. */

import { create } from 'zustand';
import { ApiError } from '../../api/errors';
import type { FileReference } from '../../api/words';
import { sentenceOf } from '../../app/messages';
import { keyOf } from '../pictures';
import { askPage, type Entry, entryAt, type Page, type Pages, pagesOf, type Question } from './entries';
import { type How, type Marks, marked, NOTHING_MARKED } from './marking';

interface GalleryState {
  readonly question: Question;
  /** Null until the first answer. */
  readonly total: number | null;
  readonly pages: Pages;
  readonly unread: number;
  readonly problem: string | null;
  readonly marks: Marks;
  /** What is selected, also where its page is no longer known. */
  readonly chosen: ReadonlyMap<string, Entry>;
  /** Asks something else; nothing is selected then. */
  ask(question: Partial<Question>): void;
  /** These tiles are in sight. */
  show(first: number, last: number): void;
  /** Asks anew for what is in sight. */
  refresh(): void;
  mark(index: number, how: How): void;
  /** Selects it alone unless it is selected already, perhaps with others. */
  markAlone(index: number): void;
  unmark(): void;
}

const FIRST: Question = { folder: 'output', order: 'newest', search: '' };

/** Answers to what was asked before count no more. */
let asked = new AbortController();
let onTheWay = new Set<number>();
let inSight: readonly number[] = [0];

export const useGallery = create<GalleryState>()((set, get) => {
  const anew = async (isGoingOn = false): Promise<void> => {
    asked.abort();
    asked = new AbortController();
    onTheWay = new Set();
    const { signal } = asked;
    const { question, unread: before } = get();
    const wanted = inSight;
    try {
      const answers = await Promise.all(wanted.map((page) => askPage(question, page, signal)));
      if (signal.aborted) return;
      set({ ...told(wanted, answers), problem: null });
      const { unread } = get();
      // The server looks into so many pictures at a time; as long as it gets on, it is asked to go on.
      if (unread > 0 && (!isGoingOn || unread < before)) void anew(true);
    } catch (error) {
      fail(error, signal);
    }
  };
  const fail = (error: unknown, signal: AbortSignal): void => {
    if (signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    set({ problem: sentenceOf(error) });
  };
  const add = async (page: number): Promise<void> => {
    const { signal } = asked;
    const waiting = onTheWay;
    waiting.add(page);
    try {
      const answer = await askPage(get().question, page, signal);
      if (signal.aborted) return;
      set(({ pages }) => ({ pages: new Map(pages).set(page, answer.entries), problem: null }));
      // Others have come or gone meanwhile, so that the pages no longer fit each other.
      if (answer.total !== get().total) void anew();
    } catch (error) {
      fail(error, signal);
    } finally {
      waiting.delete(page);
    }
  };
  return {
    question: FIRST,
    total: null,
    pages: new Map(),
    unread: 0,
    problem: null,
    marks: NOTHING_MARKED,
    chosen: new Map(),
    ask: (question) => {
      inSight = [0];
      set({ question: { ...get().question, ...question }, marks: NOTHING_MARKED, chosen: new Map() });
      void anew();
    },
    show: (first, last) => {
      inSight = pagesOf(first, last);
      if (get().total === null) return;
      for (const page of inSight) if (!get().pages.has(page) && !onTheWay.has(page)) void add(page);
    },
    refresh: () => void anew(),
    mark: (index, how) =>
      set((state) => {
        const { pages, chosen } = state;
        const marks = marked(state.marks, index, how, (at) => keyIn(pages, at));
        return { marks, chosen: entriesOf(marks.selected, pages, chosen) };
      }),
    markAlone: (index) => {
      const { marks, mark, pages } = get();
      const key = keyIn(pages, index);
      if (key !== null && marks.selected.has(key)) set({ marks: { ...marks, focus: index } });
      else mark(index, { range: false, toggle: false });
    },
    unmark: () =>
      set(({ marks }) => ({ marks: { ...marks, selected: NOTHING_MARKED.selected }, chosen: new Map() })),
  };
});

function told(
  wanted: readonly number[],
  answers: readonly Page[],
): Pick<GalleryState, 'pages' | 'total' | 'unread'> {
  const last = answers.at(-1);
  return {
    pages: new Map(answers.map((answer, index) => [wanted[index] ?? 0, answer.entries])),
    total: last?.total ?? 0,
    unread: last?.unread ?? 0,
  };
}

function keyIn(pages: Pages, index: number): string | null {
  const entry = entryAt(pages, index);
  return entry === null ? null : keyOf(entry.file);
}

function entriesOf(
  keys: ReadonlySet<string>,
  pages: Pages,
  before: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, Entry> {
  const known = new Map([...pages.values()].flat().map((entry) => [keyOf(entry.file), entry]));
  const found = [...keys].flatMap((key) => {
    const entry = known.get(key) ?? before.get(key);
    return entry === undefined ? [] : [[key, entry] as const];
  });
  return new Map(found);
}

/** The selected pictures, the oldest first: what came first stands first when they are compared. */
export function chosenFiles(chosen: ReadonlyMap<string, Entry>): readonly FileReference[] {
  return [...chosen.values()].toSorted((one, other) => one.modified - other.modified).map(({ file }) => file);
}
