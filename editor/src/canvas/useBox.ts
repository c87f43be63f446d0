/** Boxes that select: what they touch is found in the graph itself, so that it holds for nodes that are not mounted too. */

import { useStoreApi } from '@xyflow/react';
import { type PointerEvent, useMemo, useRef } from 'react';
import { useDefinitions } from '../state/definitions';
import { type Chosen, inBox, united } from './selecting';
import { currentGraph, type Gestures } from './useGestures';
import type { Rectangle } from './view';

export interface Box {
  /** Before the flow library lets go of what was selected. */
  readonly prepare: (event: PointerEvent) => void;
  readonly start: () => void;
  readonly move: () => void;
  readonly end: () => void;
}

export function useBox(gestures: Gestures, setBoxing: (isBoxing: boolean) => void): Box {
  const store = useStoreApi();
  const state = useRef<{ base: Chosen | null; isOn: boolean; last: Rectangle | null }>({
    base: null,
    isOn: false,
    last: null,
  });
  return useMemo(() => {
    /** In coordinates of the graph. */
    const current = (): Rectangle | null => {
      const { userSelectionRect: box, transform } = store.getState();
      if (box === null) return state.current.last;
      const [x, y, zoom] = transform;
      return {
        x: (box.x - x) / zoom,
        y: (box.y - y) / zoom,
        width: box.width / zoom,
        height: box.height / zoom,
      };
    };
    const choose = (): void => {
      const box = current();
      state.current.last = box;
      if (box === null) return;
      const touched = inBox(currentGraph(), useDefinitions.getState().definitions, box);
      const { base } = state.current;
      gestures.choose(base === null ? touched : united(base, touched));
    };
    return {
      prepare: (event) => {
        state.current.base = event.shiftKey ? gestures.chosen() : null;
      },
      start: () => {
        state.current.isOn = true;
        state.current.last = null;
        gestures.setBoxing(true);
        setBoxing(true);
      },
      move: () => {
        if (state.current.isOn) choose();
      },
      end: () => {
        if (!state.current.isOn) return;
        choose();
        state.current.isOn = false;
        gestures.setBoxing(false);
        setBoxing(false);
      },
    };
  }, [store, gestures, setBoxing]);
}
