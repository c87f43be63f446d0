/** The link that is being dragged, and why it may not go where it is. */

import type { ConnectionLineComponentProps } from '@xyflow/react';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { whyNot } from '../model/connect';
import type { Point } from '../model/types';
import { typeColour } from '../theme/typeColours';
import { type FlowNode, socketOf } from './flow';
import { useLinkDrag } from './linkDrag';
import { linkPath } from './linkPath';
import { currentGraph } from './useGestures';

export function ConnectionLine(props: ConnectionLineComponentProps<FlowNode>) {
  const { fromX, fromY, toX, toY, toHandle } = props;
  const { t } = useTranslation();
  const from = useLinkDrag((state) => state.from);
  const [stays, goes]: readonly [Point, Point] = [
    [fromX, fromY],
    [toX, toY],
  ];
  const path = from?.side === 'input' ? linkPath(goes, [], stays) : linkPath(stays, [], goes);
  const over = toHandle === null ? null : socketOf(toHandle.nodeId, toHandle.id);
  const reason = from === null || over === null ? null : whyNot(currentGraph(), from, over);
  return (
    <g className="link link-dragged" style={{ '--type': typeColour(from?.type ?? '*') } as CSSProperties}>
      <path className="link-halo" d={path} />
      <path className="link-line" d={path} />
      <circle className="link-end" cx={toX} cy={toY} r={5} />
      {reason !== null && (
        <text className="link-reason" x={toX + 14} y={toY - 12}>
          {t(`canvas.whyNot.${reason}`)}
        </text>
      )}
    </g>
  );
}
