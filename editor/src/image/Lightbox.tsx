/** Looks at pictures one by one: zoom, pan, next and previous, what they were made with. */

import {
  Brush,
  ChevronLeft,
  ChevronRight,
  Download,
  ExternalLink,
  Info,
  Maximize,
  Workflow,
  X,
} from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../api/words';
import { type LightboxState, useInterface } from '../app/interface';
import { useDialogFocus } from './dialogFocus';
import { Facts } from './Facts';
import { type MaskTarget, maskTargetOfFile, useMaskEditor } from './maskTarget';
import { openWorkflowOf } from './openWorkflow';
import { PictureActions, pictureKeys } from './PictureActions';
import { addressOf, download, keyOf, kindOf } from './pictures';
import { usePlacement } from './usePlacement';
import { FITTED, zoomed } from './zoom';
import './lightbox.css';

const STEP = 1.25;

export function Lightbox() {
  const lightbox = useInterface((state) => state.lightbox);
  return lightbox === null ? null : <Open lightbox={lightbox} />;
}

function Open({ lightbox }: { readonly lightbox: LightboxState }) {
  const { turn, closeLightbox } = useInterface();
  const [informed, setInformed] = useState(false);
  const file = lightbox.pictures[lightbox.index];
  const focus = useDialogFocus();
  const frame = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const gestures = usePlacement(frame, file === undefined ? '' : keyOf(file));
  if (file === undefined) return null;

  const actual = (): void => {
    const element = image.current;
    if (element !== null) gestures.setPlace(() => ({ ...FITTED, scale: scaleOfActual(element) }));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => turn(-1),
    ArrowRight: () => turn(1),
    '+': () => gestures.setPlace((place) => zoomed(place, STEP)),
    '=': () => gestures.setPlace((place) => zoomed(place, STEP)),
    '-': () => gestures.setPlace((place) => zoomed(place, 1 / STEP)),
    '0': () => gestures.setPlace(() => FITTED),
    '1': actual,
    i: () => setInformed((before) => !before),
    ...pictureKeys(file),
  };
  const onKey = (event: KeyboardEvent): void => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const { place, setPlace, ...pointer } = gestures;
  return (
    <Dialog.Root open onOpenChange={(open) => open || closeLightbox()}>
      <Dialog.Portal>
        <Dialog.Content className="lightbox" {...focus} onKeyDown={onKey} aria-describedby={undefined}>
          <header>
            <Dialog.Title className="ellipsis">{file.filename}</Dialog.Title>
            {lightbox.pictures.length > 1 && (
              <span className="muted number">
                {lightbox.index + 1} / {lightbox.pictures.length}
              </span>
            )}
            <Actions
              file={file}
              informed={informed}
              onFit={() => setPlace(() => FITTED)}
              onActual={actual}
              onInform={() => setInformed(!informed)}
            />
          </header>
          <div className="lightbox-main">
            {/* biome-ignore lint/a11y/noStaticElementInteractions: whatever it does, keys and buttons do too */}
            <div
              className="lightbox-frame"
              ref={frame}
              onDoubleClick={() => (place.scale === 1 ? actual() : setPlace(() => FITTED))}
              {...pointer}
              onPointerCancel={pointer.onPointerUp}
            >
              <Shown
                file={file}
                image={
                  <img
                    ref={image}
                    src={addressOf(file)}
                    alt={file.filename}
                    draggable={false}
                    className={place.scale > 3 ? 'pixels' : ''}
                    style={{ transform: `translate(${place.x}px, ${place.y}px) scale(${place.scale})` }}
                  />
                }
              />
            </div>
            {informed && <Facts file={file} />}
          </div>
          {lightbox.pictures.length > 1 && <Turning onTurn={turn} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface ActionsProps {
  readonly file: FileReference;
  readonly informed: boolean;
  readonly onFit: () => void;
  readonly onActual: () => void;
  readonly onInform: () => void;
}

/** What can be done with the picture that is shown. */
function Actions({ file, informed, onFit, onActual, onInform }: ActionsProps) {
  const { t } = useTranslation();
  const target = maskTargetOfFile(file);
  return (
    <span className="lightbox-actions">
      {target !== null && (
        <Action label={t('mask.edit')} onClick={() => paintMask(target)} icon={<Brush size={17} />} />
      )}
      <Action label={t('lightbox.fit')} onClick={onFit} icon={<Maximize size={17} />} />
      <Action label={t('lightbox.actual')} onClick={onActual} icon={<span aria-hidden="true">1:1</span>} />
      <Action label={t('lightbox.info')} pressed={informed} onClick={onInform} icon={<Info size={17} />} />
      <PictureActions file={file} />
      <Action label={t('lightbox.load')} onClick={() => void loadFrom(file)} icon={<Workflow size={17} />} />
      <Action
        label={t('lightbox.save')}
        onClick={() => download(addressOf(file), file.filename)}
        icon={<Download size={17} />}
      />
      <a
        className="icon-button"
        href={addressOf(file)}
        target="_blank"
        rel="noreferrer"
        aria-label={t('lightbox.open')}
        title={t('lightbox.open')}
      >
        <ExternalLink size={17} />
      </a>
      <Dialog.Close className="icon-button" aria-label={t('panels.close')}>
        <X size={18} />
      </Dialog.Close>
    </span>
  );
}

function paintMask(target: MaskTarget): void {
  useInterface.getState().closeLightbox();
  useMaskEditor.getState().open(target);
}

/** A picture is fitted into its frame; this is how much larger or smaller it really is. */
function scaleOfActual(image: HTMLImageElement): number {
  const { naturalWidth, naturalHeight, clientWidth, clientHeight } = image;
  return 1 / Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight);
}

function Shown({ file, image }: { readonly file: FileReference; readonly image: ReactNode }) {
  const { t } = useTranslation();
  const kind = kindOf(file);
  if (kind === 'video')
    return <video src={addressOf(file)} controls loop autoPlay muted aria-label={file.filename} />;
  // biome-ignore lint/a11y/useMediaCaption: what a run makes has none
  if (kind === 'audio') return <audio src={addressOf(file)} controls aria-label={file.filename} />;
  return kind === 'image' ? image : <p>{t('lightbox.notShown')}</p>;
}

interface ActionProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
  readonly pressed?: boolean;
}

function Action({ label, icon, onClick, pressed }: ActionProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      onClick={onClick}
    >
      {icon}
    </button>
  );
}

function Turning({ onTurn }: { readonly onTurn: (by: number) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <button
        type="button"
        className="lightbox-turn back"
        aria-label={t('lightbox.previous')}
        onClick={() => onTurn(-1)}
      >
        <ChevronLeft size={26} />
      </button>
      <button
        type="button"
        className="lightbox-turn on"
        aria-label={t('lightbox.next')}
        onClick={() => onTurn(1)}
      >
        <ChevronRight size={26} />
      </button>
    </>
  );
}

/** The workflow is seen when nothing lies over it. */
async function loadFrom(file: FileReference): Promise<void> {
  await openWorkflowOf(file);
  useInterface.getState().closeLightbox();
}
