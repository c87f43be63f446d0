/** A grid of pictures of which only those in sight are made; clicks, keys and drags are about the selected ones. */

import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { actionOf } from './actions';
import { GalleryMenu } from './GalleryMenu';
import { columnsIn, type GridShape, stepped } from './marking';
import { chosenFiles, useGallery } from './store';
import { Tile } from './Tile';
import { lookAt } from './useMoreInLightbox';

const LEAST_SIDE = 124;
const GAP = 6;
/** On both sides of the grid, as in the style sheet. */
const INSET = 8;

interface Shown {
  readonly width: number;
  readonly height: number;
}

function useShown(box: RefObject<HTMLElement | null>): Shown {
  const [shown, setShown] = useState<Shown>({ width: 300, height: 600 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => setShown({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, [box]);
  return shown;
}

/** The rows that are made, and where to scroll. */
function useRows(count: number, columns: number, side: number, box: RefObject<HTMLElement | null>) {
  const rows = useVirtualizer({
    count: Math.ceil(count / columns),
    getScrollElement: () => box.current,
    estimateSize: () => side + GAP,
    paddingStart: INSET,
    paddingEnd: INSET,
    overscan: 2,
    initialRect: { width: 300, height: 600 },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: all rows are as high as their tiles
  useEffect(() => rows.measure(), [side, rows]);
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) * columns;
  const last = Math.min(count, ((items.at(-1)?.index ?? 0) + 1) * columns) - 1;
  const question = useGallery((state) => state.question);
  useEffect(() => useGallery.getState().show(first, last), [first, last]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question is answered from its beginning
  useEffect(() => rows.scrollToOffset(0), [question, rows]);
  return { items, height: rows.getTotalSize(), scrollTo: (row: number) => rows.scrollToIndex(row) };
}

export function Grid({ count }: { readonly count: number }) {
  const { t } = useTranslation();
  const name = useId();
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useShown(box);
  const { columns, side } = columnsIn(width - 2 * INSET, LEAST_SIDE, GAP);
  const rows = useRows(count, columns, side, box);
  const focus = useGallery((state) => Math.min(state.marks.focus, count - 1));
  const [menu, setMenu] = useState<readonly [x: number, y: number] | null>(null);
  const shape = { count, columns, rows: Math.floor(height / (side + GAP)) };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = press(event, focus, shape);
    if (to !== null) rows.scrollTo(Math.floor(to / columns));
  };
  const onContextMenu = (event: MouseEvent): void => {
    event.preventDefault();
    useGallery.getState().markAlone(indexUnder(event) ?? focus);
    setMenu([event.clientX, event.clientY]);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot be scrolled row by row as it is made */}
      <div
        ref={box}
        className="gallery-grid"
        role="grid"
        tabIndex={0}
        aria-label={t('panels.title.gallery')}
        aria-multiselectable
        aria-rowcount={Math.ceil(count / columns)}
        aria-colcount={columns}
        aria-activedescendant={`${name}-${focus}`}
        onKeyDown={onKeyDown}
        onClick={click}
        onDoubleClick={(event) => onTile(event, lookAt)}
        onContextMenu={onContextMenu}
      >
        <div role="presentation" className="gallery-rows" style={{ height: rows.height }}>
          {rows.items.map((row) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the grid has the keyboard
            // biome-ignore lint/a11y/useSemanticElements: see above
            <div
              key={row.key}
              role="row"
              aria-rowindex={row.index + 1}
              className="gallery-row"
              style={{ transform: `translateY(${row.start}px)`, height: side, gap: GAP }}
            >
              {Array.from({ length: Math.min(columns, count - row.index * columns) }, (_, column) => {
                const index = row.index * columns + column;
                return (
                  <Tile key={index} id={`${name}-${index}`} index={index} column={column + 1} side={side} />
                );
              })}
            </div>
          ))}
        </div>
      </div>
      {menu !== null && <GalleryMenu place={menu} onClose={() => setMenu(null)} grid={box} />}
    </>
  );
}

/** Where a key leads, null where it leads nowhere. Keys that would change the workflow end here. */
function press(event: KeyboardEvent, focus: number, shape: GridShape): number | null {
  const { mark, unmark, marks, chosen } = useGallery.getState();
  const isControl = event.ctrlKey || event.metaKey;
  const to = event.altKey ? null : stepped(event.key, focus, shape);
  const action = actionOf(event);
  if (to !== null) mark(to, { range: event.shiftKey, toggle: false });
  else if (event.key === ' ') mark(focus, { range: false, toggle: true });
  else if (event.key === 'Escape' && marks.selected.size > 0) unmark();
  else if (event.key === 'a' && isControl) selectAll(shape.count);
  else if (action !== null) {
    if (chosen.size === 0) mark(focus, { range: false, toggle: false });
    const files = chosenFiles(useGallery.getState().chosen);
    if (action.fits(files.length)) action.run(files);
  } else if (event.key !== 'Delete' && event.key !== 'Backspace') return null;
  event.preventDefault();
  return to;
}

/** All that is known here. */
function selectAll(count: number): void {
  const { mark } = useGallery.getState();
  mark(0, { range: false, toggle: false });
  mark(count - 1, { range: true, toggle: false });
}

function click(event: MouseEvent): void {
  onTile(event, (index) =>
    useGallery.getState().mark(index, { range: event.shiftKey, toggle: event.ctrlKey || event.metaKey }),
  );
}

function onTile(event: MouseEvent, act: (index: number) => void): void {
  const index = indexUnder(event);
  if (index !== null) act(index);
}

function indexUnder({ target }: MouseEvent): number | null {
  const tile = target instanceof Element ? target.closest('[data-index]') : null;
  return tile === null ? null : Number(tile.getAttribute('data-index'));
}
