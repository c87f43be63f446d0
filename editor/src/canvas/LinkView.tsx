/** A link, curved and in the colour of its type. */

import type { EdgeProps } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import { typeColour } from '../theme/typeColours';
import { HANDLE_SIZE } from './derive';
import { useDropLink } from './dropLink';
import type { FlowEdge } from './flow';
import { useLinkDrag } from './linkDrag';
import { linkPath } from './linkPath';

const HALF = HANDLE_SIZE / 2;

export const LinkView = memo(function LinkView({ data, selected, ...ends }: EdgeProps<FlowEdge>) {
  const link = data?.link ?? null;
  const isTaken = useLinkDrag((state) => link !== null && state.moving === link.id);
  const isTarget = useDropLink((state) => link !== null && state.target?.link === link.id);
  if (data === undefined || link === null || isTaken) return null;
  // The library lets links end at the outer edge of a socket; they begin and end in its middle.
  const path = linkPath([ends.sourceX - HALF, ends.sourceY], data.points, [
    ends.targetX + HALF,
    ends.targetY,
  ]);
  return (
    <g
      className="link"
      style={{ '--type': typeColour(link.type) } as CSSProperties}
      data-selected={selected || undefined}
      data-quiet={data.quiet || undefined}
      data-target={isTarget || undefined}
    >
      <path className="link-halo" d={path} />
      <path className="link-line" d={path} />
      <path className="react-flow__edge-interaction link-reach" d={path} />
    </g>
  );
});
