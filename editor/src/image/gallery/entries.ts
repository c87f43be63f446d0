/** What the server says of the pictures in a folder, and which of them are known here, page by page. */

import * as v from 'valibot';
import { fitting } from '../../api/answers';
import { api } from '../../api/current';
import type { FileReference } from '../../api/words';

export type Folder = 'output' | 'input';
export type Order = 'newest' | 'oldest' | 'name';
export const FOLDERS: readonly Folder[] = ['output', 'input'];
export const ORDERS: readonly Order[] = ['newest', 'oldest', 'name'];

/** What is asked for. */
export interface Question {
  readonly folder: Folder;
  readonly order: Order;
  readonly search: string;
}

export interface Entry {
  readonly file: FileReference;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface Page {
  readonly entries: readonly Entry[];
  readonly total: number;
  /** Pictures that the server has not looked into yet. */
  readonly unread: number;
}

export type Pages = ReadonlyMap<number, readonly Entry[]>;

export const PAGE = 100;

const count = v.pipe(
  v.union([v.number(), v.bigint()]),
  v.transform((value) => Number(value)),
);
const listing = v.object({
  files: v.array(v.object({ name: v.string(), size: count, modified: count })),
  total: count,
  unread: v.optional(count, 0),
});

/** Throws ApiError. */
export async function askPage(
  { folder, order, search }: Question,
  page: number,
  signal: AbortSignal,
): Promise<Page> {
  const query = new URLSearchParams({ media: 'image', order, limit: `${PAGE}`, offset: `${page * PAGE}` });
  if (search.trim() !== '') query.set('search', search.trim());
  const told = fitting(listing, await api().getJson(`v1/files/${folder}?${query}`, signal));
  const entries = told.files.map(({ name, size, modified }) => ({
    file: fileOf(name, folder),
    size,
    modified: modified * 1000,
  }));
  return { entries, total: told.total, unread: told.unread };
}

export function fileOf(name: string, folder: Folder): FileReference {
  const slash = name.lastIndexOf('/');
  return { filename: name.slice(slash + 1), subfolder: slash < 0 ? '' : name.slice(0, slash), type: folder };
}

/** Null for one that has not come yet. */
export function entryAt(pages: Pages, index: number): Entry | null {
  return pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
}

/** The pages in which these tiles lie. */
export function pagesOf(first: number, last: number): readonly number[] {
  const [from, to] = [Math.floor(Math.max(0, first) / PAGE), Math.floor(Math.max(0, last) / PAGE)];
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export interface Run {
  readonly start: number;
  readonly files: readonly FileReference[];
}

/** All pictures around one that are known without a gap. */
export function runAround(pages: Pages, index: number): Run {
  let first = Math.floor(index / PAGE);
  let last = first;
  while (pages.has(first - 1)) first -= 1;
  while (pages.has(last + 1)) last += 1;
  const files = Array.from({ length: last - first + 1 }, (_, at) => pages.get(first + at) ?? []).flat();
  return { start: first * PAGE, files: files.map((entry) => entry.file) };
}
