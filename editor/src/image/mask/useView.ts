/** Which part of the picture is seen: fitted at first and as long as nobody zoomed, then as it was left. */

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Point, Size } from '../../model/types';
import { centred, fittedView, movedView, showing, type View, zoomedView } from './view';

export interface ViewControls {
  readonly view: View;
  readonly frame: Size;
  readonly fit: () => void;
  readonly actual: () => void;
  /** Around a point of the frame, else around its middle. */
  readonly zoom: (factor: number, around?: Point) => void;
  readonly move: (by: Point) => void;
  /** Brings a point of the picture into the frame. */
  readonly show: (point: Point) => void;
}

export function useView(element: RefObject<HTMLElement | null>, picture: Size): ViewControls {
  const [frame, setFrame] = useState<Size>([1, 1]);
  const [free, setFree] = useState<View | null>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = (): void => setFrame([current.clientWidth, current.clientHeight]);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);

  const change = (next: (view: View) => View): void =>
    setFree((before) => next(before ?? fittedView(picture, frame)));
  const zoom = (factor: number, around: Point = [frame[0] / 2, frame[1] / 2]): void =>
    change((view) => zoomedView(view, factor, around, picture, frame));
  useWheel(element, zoom);
  return {
    view: free ?? fittedView(picture, frame),
    frame,
    fit: () => setFree(null),
    actual: () => setFree(centred(picture, frame, 1)),
    zoom,
    move: (by) => change((view) => movedView(view, by, picture, frame)),
    show: (point) => change((view) => showing(view, point, picture, frame)),
  };
}

/** React listens passively, so that the page could not be kept from zooming. */
function useWheel(
  element: RefObject<HTMLElement | null>,
  zoom: (factor: number, around: Point) => void,
): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const { current } = element;
    const listen = (event: WheelEvent): void => {
      event.preventDefault();
      const box = element.current?.getBoundingClientRect();
      const around: Point = [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
      latest.current(2 ** (-event.deltaY / (event.ctrlKey ? 80 : 400)), around);
    };
    current?.addEventListener('wheel', listen, { passive: false });
    return () => current?.removeEventListener('wheel', listen);
  }, [element]);
}
