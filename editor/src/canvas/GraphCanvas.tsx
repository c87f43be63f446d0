/** The canvas of the active workflow: one for each level of it, so that each begins at its own view. */

import { ReactFlowProvider } from '@xyflow/react';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import { activeOf, useDocuments } from '../state/documents';
import { Flow } from './Flow';
import { freeArea } from './freeArea';
import type { Rectangle } from './view';
import '@xyflow/react/dist/base.css';
import './canvas.css';

export function GraphCanvas() {
  const frame = useRef<HTMLDivElement>(null);
  const [isMeasured, setMeasured] = useState(false);
  const level = useDocuments((state) => {
    const { id, path } = activeOf(state);
    return [id, ...path].join('/');
  });
  // The first view is computed from the size of the canvas, before any node is mounted.
  useLayoutEffect(() => setMeasured(true), []);
  const measure = useCallback((): Rectangle => freeArea(frame.current), []);
  return (
    <div className="canvas" ref={frame}>
      {isMeasured && (
        <ReactFlowProvider key={level}>
          <Flow measure={measure} />
        </ReactFlowProvider>
      )}
    </div>
  );
}
