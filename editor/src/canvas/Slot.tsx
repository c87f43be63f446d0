/** A socket on the edge of a node: its colour tells the type, its shape what kind of socket it is. */

import { Handle, Position, useStoreApi } from '@xyflow/react';
import { type CSSProperties, type MouseEvent, memo, type TouchEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { NodeId, Socket } from '../model/types';
import { typeColour } from '../theme/typeColours';
import { handleId } from './flow';
import { fitOf, linksAt, useLinkDrag } from './linkDrag';
import { takeUp } from './takeUp';
import { currentGraph } from './useGestures';

export interface SlotProps {
  readonly node: NodeId;
  readonly slot: number;
  readonly side: Socket['side'];
  readonly type: string;
  readonly name: string;
  readonly tooltip: string;
  readonly wired: boolean;
  /** `list`: gives many values one after the other; `optional`: may stay empty. */
  readonly shape: 'plain' | 'optional' | 'list' | 'any';
  /** Of its middle, in the element it is put into. */
  readonly y: number;
}

export const Slot = memo(function Slot({
  node,
  slot,
  side,
  type,
  name,
  tooltip,
  wired,
  shape,
  y,
}: SlotProps) {
  const { t } = useTranslation();
  const store = useStoreApi();
  const fit = useLinkDrag((state) => fitOf(state, { node, slot, side }, type));
  const isInput = side === 'input';
  const label = t(isInput ? 'canvas.input' : 'canvas.output', { name, type });
  /**
   * The link of an input is taken up by its end; with Alt it stays, and another one begins where it comes from. From an
   * output a new link begins; with Ctrl all that are there come along.
   */
  const begin = (event: MouseEvent | TouchEvent): void => {
    if (!isInput && !(event.ctrlKey || event.metaKey)) return;
    const links = linksAt(currentGraph(), { node, slot, side });
    const [link] = links;
    if (link === undefined) return;
    const moving = isInput && event.altKey ? [] : links.map(({ id }) => id);
    takeUp(store, event, { link, end: side, moving });
    // Else the socket would begin a new link as well.
    if (!isInput) event.stopPropagation();
  };
  const style = { '--type': typeColour(type), top: y } as CSSProperties;
  return (
    <Handle
      id={handleId(side, slot)}
      type={isInput ? 'target' : 'source'}
      position={isInput ? Position.Left : Position.Right}
      className="slot nokey"
      data-shape={shape}
      data-wired={wired || undefined}
      data-fit={fit}
      isConnectableStart={!(isInput && wired)}
      title={tooltip === '' ? label : `${label}\n${tooltip}`}
      aria-label={label}
      role="img"
      style={style}
      onMouseDown={isInput && wired ? begin : undefined}
      onTouchStart={isInput && wired ? begin : undefined}
      onMouseDownCapture={!isInput && wired ? begin : undefined}
    />
  );
});
