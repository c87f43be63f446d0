/** A link, curved and in the colour of its type. */

import { type EdgeProps, useStoreApi } from '@xyflow/react';
import { type CSSProperties, type MouseEvent, memo, type TouchEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Link } from '../model/types';
import { typeColour } from '../theme/typeColours';
import { HANDLE_SIZE } from './derive';
import { useDropLink } from './dropLink';
import type { FlowEdge } from './flow';
import { useLinkDrag } from './linkDrag';
import { linkPath } from './linkPath';
import { takeUp } from './takeUp';

const HALF = HANDLE_SIZE / 2;

export const LinkView = memo(function LinkView({ data, selected, ...ends }: EdgeProps<FlowEdge>) {
  const link = data?.link ?? null;
  const isTaken = useLinkDrag((state) => link !== null && state.moving.includes(link.id));
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
      <SourceEnd link={link} x={ends.sourceX - HALF + REACH} y={ends.sourceY} />
    </g>
  );
});

/** Of the part of a link beside its output, by which that end is taken up. */
const REACH = 20;

function SourceEnd({ link, x, y }: { readonly link: Link; readonly x: number; readonly y: number }) {
  const { t } = useTranslation();
  const store = useStoreApi();
  const begin = (event: MouseEvent | TouchEvent): void => {
    if ('altKey' in event && event.altKey) return;
    event.stopPropagation();
    takeUp(store, event, { link, end: 'output', moving: [link.id] });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for a pointer; the panel of a node has its links for the keyboard
    <circle
      className="link-source nopan nokey"
      cx={x}
      cy={y}
      r={REACH / 2}
      onMouseDown={begin}
      onTouchStart={begin}
    >
      <title>{t('canvas.moveLink')}</title>
    </circle>
  );
}
