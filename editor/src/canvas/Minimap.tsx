/** The whole level in small, with what is seen of it; a press or drag there goes to that place. */

import { useReactFlow, useStoreApi } from '@xyflow/react';
import { type PointerEvent, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point, Size } from '../model/types';
import { useCanvasSettings } from './canvasSettings';
import type { Scene } from './derive';
import { onThemeChange } from './FarLayer';
import { coloursFrom } from './farPaint';
import { type FarScene, farSceneOf } from './farScene';
import { freeArea } from './freeArea';
import { boundsOf, centredView, type Rectangle, visibleIn, withinArea } from './view';

const SIZE: Size = [180, 120];
const INSET = 8;

export function Minimap({ scene }: { readonly scene: Scene }) {
  const isOpen = useCanvasSettings((state) => state.minimap);
  if (!isOpen || scene.graph.nodes.size === 0) return null;
  return <OpenMinimap scene={scene} />;
}

/** How the map's pixels lie over the graph. */
interface Scale {
  readonly factor: number;
  readonly left: number;
  readonly top: number;
}

function scaleOf(bounds: Rectangle): Scale {
  const factor = Math.min(
    (SIZE[0] - 2 * INSET) / Math.max(1, bounds.width),
    (SIZE[1] - 2 * INSET) / Math.max(1, bounds.height),
  );
  return {
    factor,
    left: SIZE[0] / 2 - (bounds.x + bounds.width / 2) * factor,
    top: SIZE[1] / 2 - (bounds.y + bounds.height / 2) * factor,
  };
}

function OpenMinimap({ scene }: { readonly scene: Scene }) {
  const { t } = useTranslation();
  const flow = useReactFlow();
  const store = useStoreApi();
  const element = useRef<HTMLCanvasElement>(null);
  const seen = useRef<HTMLDivElement>(null);
  const far = useMemo(() => farSceneOf(scene), [scene]);
  const scale = useMemo(() => scaleOf(boundsOf(far.nodes) ?? { x: 0, y: 0, width: 1, height: 1 }), [far]);

  useEffect(() => {
    const draw = (): void => paintMap(element.current, far, scale);
    draw();
    return onThemeChange(draw);
  }, [far, scale]);

  useEffect(() => {
    const place = (): void => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      placeFrame(seen.current, visibleIn({ x, y, zoom }, [width, height]), scale);
    };
    place();
    return store.subscribe((state, before) => {
      if (state.transform !== before.transform || state.width !== before.width) place();
    });
  }, [store, scale]);

  const go = (event: PointerEvent<HTMLElement>): void => {
    if (event.buttons % 2 === 0) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const at: Point = [
      (event.clientX - left - scale.left) / scale.factor,
      (event.clientY - top - scale.top) / scale.factor,
    ];
    const area = freeArea(event.currentTarget.closest('.flow'));
    void flow.setViewport(withinArea(centredView(at, flow.getZoom(), [area.width, area.height]), area));
  };

  return (
    <div
      className="minimap"
      role="img"
      aria-label={t('canvas.minimap')}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      <canvas ref={element} />
      <div className="minimap-seen" ref={seen} />
    </div>
  );
}

function paintMap(canvas: HTMLCanvasElement | null, far: FarScene, { factor, left, top }: Scale): void {
  const context = canvas?.getContext('2d');
  if (canvas === null || context == null) return;
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [SIZE[0] * ratio, SIZE[1] * ratio];
  const colours = coloursFrom(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const { x, y, width, height, colour, selected, quiet } of far.nodes) {
    context.globalAlpha = quiet ? 0.4 : 0.85;
    context.fillStyle = selected ? colours.accent : colour;
    context.fillRect(
      left + x * factor,
      top + y * factor,
      Math.max(2, width * factor),
      Math.max(1.5, height * factor),
    );
  }
}

function placeFrame(frame: HTMLElement | null, seen: Rectangle, { factor, left, top }: Scale): void {
  if (frame === null) return;
  const x = Math.max(0, left + seen.x * factor);
  const y = Math.max(0, top + seen.y * factor);
  const right = Math.min(SIZE[0], left + (seen.x + seen.width) * factor);
  const bottom = Math.min(SIZE[1], top + (seen.y + seen.height) * factor);
  frame.style.translate = `${x}px ${y}px`;
  frame.style.width = `${Math.max(0, right - x)}px`;
  frame.style.height = `${Math.max(0, bottom - y)}px`;
}
