/** One picture of the grid, small; it can be dragged onto the canvas. */

import { ImageOff } from 'lucide-react';
import { type DragEvent, memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dragged } from '../asInput';
import { keyOf, PICTURES_MIME, smallOf } from '../pictures';
import { type Entry, entryAt } from './entries';
import { chosenFiles, useGallery } from './store';

interface TileProps {
  readonly id: string;
  readonly index: number;
  readonly column: number;
  readonly side: number;
}

export const Tile = memo(function Tile({ id, index, column, side }: TileProps) {
  const { i18n } = useTranslation();
  const entry = useGallery((state) => entryAt(state.pages, index));
  const isSelected = useGallery((state) => entry !== null && state.chosen.has(keyOf(entry.file)));
  const isFocused = useGallery((state) => state.marks.focus === index);
  const when = entry === null ? '' : new Date(entry.modified).toLocaleString(i18n.language);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the keyboard
    // biome-ignore lint/a11y/useSemanticElements: there is no table around it
    <div
      id={id}
      role="gridcell"
      className="gallery-tile"
      style={{ width: side, height: side }}
      aria-colindex={column}
      aria-selected={isSelected}
      aria-label={entry === null ? '…' : `${entry.file.filename}, ${when}`}
      title={entry === null ? undefined : `${pathOf(entry)}\n${when}`}
      data-index={index}
      data-focus={isFocused || undefined}
      draggable={entry !== null}
      onDragStart={(event) => entry !== null && drag(event, entry)}
    >
      {entry !== null && <Picture key={keyOf(entry.file)} entry={entry} />}
    </div>
  );
});

function pathOf({ file }: Entry): string {
  return file.subfolder === '' ? file.filename : `${file.subfolder}/${file.filename}`;
}

function Picture({ entry }: { readonly entry: Entry }) {
  const { t } = useTranslation();
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <ImageOff size={22} role="img" aria-label={t('canvas.noPicture')} />;
  return (
    <>
      <img
        // A file that was written anew under its name is another picture.
        src={`${smallOf(entry.file)}&at=${Math.round(entry.modified)}`}
        alt=""
        decoding="async"
        draggable={false}
        onError={() => setBroken(true)}
      />
      <span className="gallery-name ellipsis">{entry.file.filename}</span>
    </>
  );
}

/** All selected pictures go along with one of them. */
function drag(event: DragEvent, entry: Entry): void {
  const { chosen } = useGallery.getState();
  const files = chosen.has(keyOf(entry.file)) ? chosenFiles(chosen) : [entry.file];
  event.dataTransfer.setData(PICTURES_MIME, dragged(files));
  event.dataTransfer.effectAllowed = 'copy';
}
