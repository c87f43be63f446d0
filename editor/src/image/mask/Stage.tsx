/** The picture with the mask over it, to paint on with mouse, pen, fingers or keys. */

import { type CSSProperties, type RefObject, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point } from '../../model/types';
import type { Paintable } from './loadPicture';
import { SHARP } from './overlay';
import type { Mask } from './tiles';
import type { Tools } from './tools';
import { useOverlay } from './useOverlay';
import { type Painting, usePointers } from './usePointers';
import { type StageKeys, useStageKeys } from './useStageKeys';
import { type Stroking, useStroke } from './useStroke';
import type { ViewControls } from './useView';
import { inFrame, inPicture } from './view';

interface StageProps {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly picture: Paintable;
  readonly name: string;
  readonly mask: Mask;
  readonly tools: Tools;
  readonly controls: ViewControls;
  readonly stroke: RefObject<Stroking | null>;
  readonly onPaint: (mask: Mask) => void;
  readonly onSay: (sentence: string) => void;
}

export function Stage({ frame, picture, name, mask, tools, controls, stroke, onPaint, onSay }: StageProps) {
  const { t } = useTranslation();
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<Point | null>(null);
  const { view } = controls;
  const show = useOverlay(canvas, mask, view, controls.frame, tools);
  const stroking = useStroke(mask, tools, show, onPaint);
  stroke.current = stroking;
  const size: Point = [mask.width, mask.height];
  const keys = useStageKeys(size, tools, controls, stroking, ([x, y]) =>
    onSay(t('mask.paintedAt', { x: Math.floor(x), y: Math.floor(y) })),
  );
  const painting = paintingWith(stroking, controls, keys, setHover);
  const pointers = usePointers(controls, painting, tools.tool, keys.spaceHeld);
  const isMoving = tools.tool === 'hand' || (keys.isSpaceHeld && keys.cursor === null);
  const at = keys.cursor === null ? hover : inFrame(view, keys.cursor);
  return (
    <div
      ref={frame}
      className="mask-stage"
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={t('mask.area', { name })}
      aria-describedby={`${id}-keys`}
      data-moving={isMoving || undefined}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={keys.onKeyDown}
      onKeyUp={keys.onKeyUp}
      onBlur={keys.onBlur}
      {...pointers}
    >
      <img
        src={picture.address}
        alt=""
        draggable={false}
        className={view.scale >= SHARP ? 'pixels' : ''}
        style={{
          width: mask.width,
          height: mask.height,
          transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
        }}
      />
      <canvas ref={canvas} aria-hidden />
      {at !== null && !isMoving && (
        <Ring at={at} size={tools.size * view.scale} isOfKeys={keys.cursor !== null} />
      )}
      <p id={`${id}-keys`} className="visually-hidden">
        {t('mask.areaKeys')}
      </p>
    </div>
  );
}

/** What the pointers do, in pixels of the picture. */
function paintingWith(
  stroking: Stroking,
  { view }: ViewControls,
  keys: StageKeys,
  setHover: (at: Point | null) => void,
): Painting {
  return {
    begin: ({ at, pressure }, isErasing, isStraight) =>
      stroking.begin(inPicture(view, at), pressure, isErasing, isStraight),
    goOn: ({ at, pressure }) => stroking.goOn(inPicture(view, at), pressure),
    end: stroking.end,
    drop: stroking.drop,
    hover: (at) => {
      keys.hide();
      setHover(at);
    },
  };
}

const LEAST_RING = 5;

interface RingProps {
  readonly at: Point;
  readonly size: number;
  readonly isOfKeys: boolean;
}

/** The outline of the brush. */
function Ring({ at, size, isOfKeys }: RingProps) {
  const shown = Math.max(LEAST_RING, size);
  const style: CSSProperties = {
    width: shown,
    height: shown,
    transform: `translate(${at[0] - shown / 2}px, ${at[1] - shown / 2}px)`,
  };
  return <span className="mask-ring" data-keys={isOfKeys || undefined} style={style} aria-hidden />;
}
