/** What keys and buttons of the mask editor do. */

import type { RefObject } from 'react';
import { largestSize, nextSize } from './brush';
import type { MaskActions } from './keys';
import type { Tool } from './tools';
import type { Session } from './useSession';
import type { Stroking } from './useStroke';
import type { ViewControls } from './useView';

const ZOOM = 1.25;
const HARDER = 0.1;

interface Actions {
  readonly actions: MaskActions;
  /** The largest brush. */
  readonly largest: number;
}

export function useActions(
  session: Session,
  controls: ViewControls,
  stroke: RefObject<Stroking | null>,
): Actions {
  const { tools, setTools, history } = session;
  const largest = largestSize(history.mask.width, history.mask.height);
  const take = (tool: Tool) => (): void => setTools({ tool });
  const resize = (direction: 1 | -1) => (): void =>
    setTools({ size: nextSize(tools.size, direction, largest) });
  const harden = (by: number) => (): void =>
    setTools({ hardness: Math.min(1, Math.max(0, Math.round((tools.hardness + by) * 100) / 100)) });
  /** A stroke in the making comes before the steps; it is what is meant by the last thing done. */
  const afterStroke = (action: () => void) => (): void => {
    if (stroke.current?.isGoingOn() === true) stroke.current.drop();
    else action();
  };
  return {
    largest,
    actions: {
      undo: afterStroke(session.undo),
      redo: afterStroke(session.redo),
      save: session.save,
      invert: afterStroke(session.invert),
      brush: take('brush'),
      eraser: take('eraser'),
      hand: take('hand'),
      swap: take(tools.tool === 'brush' ? 'eraser' : 'brush'),
      larger: resize(1),
      smaller: resize(-1),
      harder: harden(HARDER),
      softer: harden(-HARDER),
      zoomIn: () => controls.zoom(ZOOM),
      zoomOut: () => controls.zoom(1 / ZOOM),
      fit: controls.fit,
      actual: controls.actual,
    },
  };
}
