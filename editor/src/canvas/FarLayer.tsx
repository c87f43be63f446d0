/** The graph from far away, painted in one piece; nodes can be selected, dragged and gone to there as well. */

import { useStoreApi } from '@xyflow/react';
import { type RefObject, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point } from '../model/types';
import { type NodeState, useRuns } from '../state/runs';
import type { Scene } from './derive';
import { type Colours, coloursFrom, paint } from './farPaint';
import { listenFar } from './farPointer';
import { type FarScene, farSceneOf } from './farScene';
import { nodeStates } from './nodeStates';
import type { Gestures } from './useGestures';

interface FarProps {
  readonly scene: Scene;
  readonly gestures: Gestures;
  readonly frame: RefObject<HTMLElement | null>;
}

/** Everything a frame is painted from; it changes without the component being rendered again. */
interface Current {
  far: FarScene;
  scene: Scene;
  colours: Colours | null;
  states: ReadonlyMap<string, NodeState>;
  frame: number;
}

export function FarLayer({ scene, gestures, frame }: FarProps) {
  const { t } = useTranslation();
  const store = useStoreApi();
  const element = useRef<HTMLCanvasElement>(null);
  const far = useMemo(() => farSceneOf(scene), [scene]);
  const current = useRef<Current>({ far, scene, colours: null, states: new Map(), frame: 0 });
  const painter = useMemo(() => painterFor(element, current, store.getState), [store]);

  useEffect(() => {
    current.current.far = far;
    current.current.scene = scene;
    painter.now();
  }, [far, scene, painter]);

  useEffect(() => {
    const stops = [
      store.subscribe((state, before) => {
        const isSame =
          state.transform === before.transform &&
          state.width === before.width &&
          state.height === before.height;
        if (!isSame) painter.soon();
      }),
      useRuns.subscribe(() => {
        current.current.states = nodeStates();
        painter.soon();
      }),
      onThemeChange(() => {
        current.current.colours = null;
        painter.soon();
      }),
      () => cancelAnimationFrame(current.current.frame),
    ];
    current.current.states = nodeStates();
    return () => {
      for (const stop of stops) stop();
    };
  }, [store, painter]);

  useEffect(() => {
    const root = frame.current;
    if (root === null) return undefined;
    return listenFar(root, gestures, {
      at: (point) => current.current.far.at(point),
      toGraph: (point) => toGraph(store.getState().transform, root, point),
    });
  }, [frame, gestures, store]);

  return (
    <canvas
      ref={element}
      className="far-layer"
      data-testid="far-layer"
      role="img"
      aria-label={t('canvas.far', { count: scene.graph.nodes.size })}
    />
  );
}

interface FlowState {
  readonly transform: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
}

function toGraph([x, y, zoom]: FlowState['transform'], root: HTMLElement, screen: Point): Point {
  const { left, top } = root.getBoundingClientRect();
  return [(screen[0] - left - x) / zoom, (screen[1] - top - y) / zoom];
}

function painterFor(
  element: RefObject<HTMLCanvasElement | null>,
  current: RefObject<Current>,
  flow: () => FlowState,
) {
  const now = (): void => {
    const canvas = element.current;
    const context = canvas?.getContext('2d');
    if (canvas == null || context == null) return;
    const { transform, width, height } = flow();
    const ratio = window.devicePixelRatio || 1;
    fit(canvas, Math.round(width * ratio), Math.round(height * ratio));
    current.current.colours ??= coloursFrom(canvas);
    const [x, y, zoom] = transform;
    paint(context, ratio, {
      scene: current.current.far,
      groups: current.current.scene.graph.groups.map((group) => {
        const pos = current.current.scene.moved.get(`group:${group.id}`);
        return pos === undefined ? group : { ...group, pos };
      }),
      view: { x, y, zoom },
      size: [width, height],
      colours: current.current.colours,
      states: current.current.states,
    });
  };
  const soon = (): void => {
    cancelAnimationFrame(current.current.frame);
    current.current.frame = requestAnimationFrame(now);
  };
  return { now, soon };
}

/** Setting the size of a canvas clears it and takes time, so it is done only where it changed. */
function fit(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** The theme stands on the root of the page. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
