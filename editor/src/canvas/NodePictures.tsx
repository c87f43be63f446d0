/** What a node shows below its rows: the picture in the making, then its results; or the file that it reads. */

import { Brush, Image, ImageOff } from 'lucide-react';
import { memo, type ReactNode, type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../api/words';
import { useInterface } from '../app/interface';
import { CompareButton } from '../image/compare/CompareButton';
import { maskable, paintMaskOf } from '../image/maskTarget';
import { addressOf, keyOf, kindOf, thumbnailOf } from '../image/pictures';
import type { NodeDefinition } from '../model/definition';
import type { GraphNode, NodeId } from '../model/types';
import { activeOf, innerOf, useDocuments } from '../state/documents';
import { type NodeOutput, useNodeRun, useNodeText, useOutput, usePreview } from '../state/runs';
import { useSettings } from '../state/settings';
import { chosenFile } from './chosenFile';

interface PicturesProps {
  readonly node: GraphNode;
  readonly definition: NodeDefinition | null;
  /** Whether the node keeps room for pictures; else they hang below it. */
  readonly hasRoom: boolean;
}

const LEAST_HEIGHT = 96;
const MOST_HEIGHT = 320;
const MOST_TILES = 16;
/** Between a picture and the edge of its node, as in the style sheet. */
const INSET = 8;

/** What a node says of what it is at; it stays when that is done, until the next run. */
export const NodeText = memo(function NodeText({ id }: { readonly id: NodeId }) {
  const { t } = useTranslation();
  const text = useNodeText(id);
  if (text === null || text === '') return null;
  return (
    <p className="node-says nodrag" role="note" aria-label={t('canvas.says')}>
      {text}
    </p>
  );
});

export const NodePictures = memo(function NodePictures({ node, definition, hasRoom }: PicturesProps) {
  const preview = useShownPreview(node.id);
  const output = useOutput(node.id);
  const chosen = chosenFile(node, definition);
  const images =
    output === null || output.images.length === 0 ? (chosen === null ? [] : [chosen]) : output.images;
  const texts = output?.texts ?? [];
  if (preview === null && images.length === 0 && texts.length === 0) {
    return hasRoom ? <EmptyRoom /> : null;
  }
  const isOwn = chosen !== null && images[0] === chosen && preview === null;
  return (
    <Pictures hasRoom={hasRoom} width={node.size[0]} preview={preview} images={images} texts={texts}>
      {isOwn && <MaskOpener node={node} definition={definition} file={chosen} />}
    </Pictures>
  );
});

interface MaskOpenerProps {
  readonly node: GraphNode;
  readonly definition: NodeDefinition | null;
  readonly file: FileReference;
}

/** A button on the picture that a node reads. */
function MaskOpener({ node, definition, file }: MaskOpenerProps) {
  const { t } = useTranslation();
  const isMaskable = useDocuments((state) => maskable(innerOf(activeOf(state)), node, definition) !== null);
  if (!isMaskable) return null;
  return (
    <button
      type="button"
      className="icon-button node-mask nodrag"
      title={t('mask.edit')}
      aria-label={t('mask.editOn', { name: file.filename })}
      onClick={() => paintMaskOf(node)}
    >
      <Brush size={15} aria-hidden />
    </button>
  );
}

/** Where a picture will be. */
function EmptyRoom() {
  return (
    <div className="node-pictures" data-room>
      <div className="node-stage node-stage-empty">
        <Image size={22} aria-hidden />
      </div>
    </div>
  );
}

/** The picture in the making, as long as there is no result that came after it. */
function useShownPreview(id: NodeId): string | null {
  const preview = usePreview(id);
  const output: NodeOutput | null = useOutput(id);
  const isRunning = useNodeRun(id)?.state === 'running';
  const isWanted = useSettings((state) => state.previews);
  const isOver = !isRunning && output !== null && output.images.length > 0;
  return isWanted && !isOver ? preview : null;
}

interface ShownProps {
  readonly hasRoom: boolean;
  readonly width: number;
  readonly preview: string | null;
  readonly images: readonly FileReference[];
  readonly texts: readonly string[];
  /** What lies on the picture. */
  readonly children: ReactNode;
}

/** Keeps the height of the tallest picture so far, so that the node does not jump between one run and the next. */
function Pictures({ hasRoom, width, preview, images, texts, children }: ShownProps) {
  const { t } = useTranslation();
  const [height, setHeight] = useState(LEAST_HEIGHT);
  const onLoad = ({
    currentTarget: { naturalWidth, naturalHeight },
  }: SyntheticEvent<HTMLImageElement>): void => {
    if (naturalWidth === 0) return;
    const wanted = Math.min(MOST_HEIGHT, Math.round(((width - 2 * INSET) * naturalHeight) / naturalWidth));
    setHeight((before) => Math.max(before, wanted));
  };
  const hasPictures = preview !== null || images.length > 0;
  return (
    <div className="node-pictures" data-room={hasRoom || undefined}>
      {hasPictures && (
        <div className="node-stage" style={hasRoom ? undefined : { height }}>
          {preview === null ? (
            <>
              <Results images={images} onLoad={onLoad} />
              <CompareButton images={images} />
            </>
          ) : (
            <img src={preview} alt={t('canvas.preview')} decoding="async" draggable={false} onLoad={onLoad} />
          )}
          {children}
        </div>
      )}
      {texts.length > 0 && <pre className="node-output-text nodrag">{texts.join('\n')}</pre>}
    </div>
  );
}

interface ResultsProps {
  readonly images: readonly FileReference[];
  readonly onLoad: (event: SyntheticEvent<HTMLImageElement>) => void;
}

function Results({ images, onLoad }: ResultsProps) {
  const shown = images.slice(0, MOST_TILES);
  const columns = Math.ceil(Math.sqrt(shown.length));
  return (
    <div className="node-tiles" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {shown.map((file, index) => (
        <Tile key={keyOf(file)} file={file} images={images} index={index} onLoad={onLoad} />
      ))}
    </div>
  );
}

interface TileProps extends ResultsProps {
  readonly file: FileReference;
  readonly index: number;
}

function Tile({ file, images, index, onLoad }: TileProps) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState<string | null>(null);
  const address = images.length === 1 ? addressOf(file) : thumbnailOf(file);
  const kind = kindOf(file);
  if (kind === 'audio') {
    // biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what was just made
    return <audio className="nodrag" src={addressOf(file)} controls />;
  }
  if (kind === 'video') {
    return <video className="nodrag" src={addressOf(file)} controls loop muted playsInline />;
  }
  const left = images.length - MOST_TILES;
  const isLast = left > 0 && index === MOST_TILES - 1;
  return (
    <button
      type="button"
      className="node-picture nodrag"
      title={file.filename}
      aria-label={t('canvas.look', { name: file.filename })}
      onClick={() => useInterface.getState().look(images, index)}
    >
      {broken === address ? (
        <ImageOff className="node-picture-broken" size={22} role="img" aria-label={t('canvas.noPicture')} />
      ) : (
        <img
          src={address}
          alt=""
          decoding="async"
          draggable={false}
          onLoad={onLoad}
          onError={() => setBroken(address)}
        />
      )}
      {isLast && <span className="node-picture-more">+{left}</span>}
    </button>
  );
}
