/**
 * Which types of values extensions have controls for, remembered from one start to the next.
 *
 * So the first picture of a page has the sizes of the last one, and where an extension is off or broken its values
 * are still values that can be seen, edited and saved.
 */

import * as v from 'valibot';
import { forAllWindows, readStored, store } from './stored';

export interface ForeignWidget {
  readonly pack: string;
  /** How tall its row is at least; null for one as usual. */
  readonly height: number | null;
}

export type ForeignWidgets = ReadonlyMap<string, ForeignWidget>;

const STORED = 'nodeloom.widgets';
const MOST = 500;
const schema = v.fallback(
  v.record(
    v.string(),
    v.fallback(v.nullable(v.object({ pack: v.string(), height: v.nullable(v.number()) })), null),
  ),
  {},
);

let known: ForeignWidgets | null = null;

export function foreignWidgets(): ForeignWidgets {
  known ??= readForeign();
  return known;
}

function readForeign(): ForeignWidgets {
  const found = Object.entries(v.parse(schema, readStored(forAllWindows, STORED) ?? {}));
  return new Map(found.flatMap(([type, widget]) => (widget === null ? [] : [[type, widget] as const])));
}

/** Whether that is new. */
export function rememberForeign(type: string, widget: ForeignWidget): boolean {
  const before = foreignWidgets().get(type);
  if (before?.pack === widget.pack && before.height === widget.height) return false;
  if (before === undefined && foreignWidgets().size >= MOST) return false;
  keep(new Map([...foreignWidgets(), [type, widget]]));
  return true;
}

/** Forget the types of packs that are gone; whether there were any. */
export function forgetForeign(isThere: (pack: string) => boolean): boolean {
  const left = new Map([...foreignWidgets()].filter(([, { pack }]) => isThere(pack)));
  if (left.size === foreignWidgets().size) return false;
  keep(left);
  return true;
}

function keep(widgets: ForeignWidgets): void {
  known = widgets;
  store(forAllWindows, STORED, Object.fromEntries(widgets));
}
