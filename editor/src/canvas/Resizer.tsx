/** The corner by which a selected node is made larger; never smaller than its rows need. */

import { NodeResizeControl } from '@xyflow/react';
import { minimalSize } from '../model/measures';
import type { NodeData } from './flow';

export function Resizer({ data }: { readonly data: NodeData }) {
  const [width, height] = minimalSize(data.node, data.definition);
  return (
    <NodeResizeControl className="node-resizer" position="bottom-right" minWidth={width} minHeight={height}>
      <span className="resizer-corner" aria-hidden />
    </NodeResizeControl>
  );
}
