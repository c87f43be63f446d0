/** The two pictures, zoomed and moved in step, in one of the ways of comparing them. */

import { type CSSProperties, type PointerEvent, type RefObject, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../../api/words';
import { addressOf } from '../pictures';
import type { Gestures } from '../usePlacement';
import { FITTED, type Placement } from '../zoom';
import { fractionAt, type Mode } from './geometry';

interface StageProps {
  readonly one: FileReference;
  readonly other: FileReference;
  readonly mode: Mode;
  /** Where the line stands, from 0 to 1. */
  readonly line: number;
  readonly onLine: (line: number) => void;
  /** How much brighter a difference is shown. */
  readonly strength: number;
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly gestures: Gestures;
  readonly actual: () => void;
}

export function Stage({ one, other, mode, line, onLine, strength, frame, gestures, actual }: StageProps) {
  const { place, setPlace, ...pointer } = gestures;
  const percent = `${line * 100}%`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: whatever it does, keys and buttons do too
    <div
      ref={frame}
      className="lightbox-frame comparison-frame"
      data-mode={mode}
      style={{ '--split': percent, '--strength': strength } as CSSProperties}
      onDoubleClick={() => (place.scale === 1 ? actual() : setPlace(() => FITTED))}
      {...pointer}
      onPointerCancel={pointer.onPointerUp}
    >
      <div className="comparison-both">
        <Layer file={other} side="other" place={place} />
        <Layer file={one} side="one" place={place} />
      </div>
      {mode !== 'difference' && (
        <>
          <span className="comparison-badge one">A</span>
          <span className="comparison-badge other">B</span>
        </>
      )}
      {mode === 'slider' && <Line line={line} onLine={onLine} frame={frame} />}
    </div>
  );
}

interface LayerProps {
  readonly file: FileReference;
  readonly side: 'one' | 'other';
  readonly place: Placement;
}

function Layer({ file, side, place }: LayerProps) {
  return (
    <div className="comparison-layer" data-side={side}>
      <img
        src={addressOf(file)}
        alt={`${side === 'one' ? 'A' : 'B'}: ${file.filename}`}
        draggable={false}
        className={place.scale > 3 ? 'pixels' : ''}
        style={{ transform: `translate(${place.x}px, ${place.y}px) scale(${place.scale})` }}
      />
    </div>
  );
}

interface LineProps {
  readonly line: number;
  readonly onLine: (line: number) => void;
  readonly frame: RefObject<HTMLElement | null>;
}

/** What moves the line: by keys, mouse and finger. The keys of the whole dialog move it too. */
function Line({ line, onLine, frame }: LineProps) {
  const { t } = useTranslation();
  const held = useRef<number | null>(null);
  const move = (event: PointerEvent): void => {
    event.stopPropagation();
    const box = frame.current?.getBoundingClientRect();
    if (held.current === event.pointerId && box !== undefined) onLine(fractionAt(event.clientX, box));
  };
  const release = (event: PointerEvent): void => {
    event.stopPropagation();
    if (held.current === event.pointerId) held.current = null;
  };
  const percent = Math.round(line * 100);
  return (
    <div
      className="comparison-line"
      role="slider"
      tabIndex={0}
      aria-label={t('compare.line')}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={t('compare.lineAt', { percent })}
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.button !== 0 || held.current !== null) return;
        held.current = event.pointerId;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={release}
      onDoubleClick={(event) => {
        event.stopPropagation();
        onLine(0.5);
      }}
    >
      <span aria-hidden />
    </div>
  );
}
