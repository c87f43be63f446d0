/** Takes up the end of links that are there, so that it can be put elsewhere. */

import type { useStoreApi } from '@xyflow/react';
import { XYHandle } from '@xyflow/system';
import type { MouseEvent, TouchEvent } from 'react';
import type { Link, LinkId, Socket } from '../model/types';
import { handleId } from './flow';
import { useLinkDrag } from './linkDrag';

type FlowStore = ReturnType<typeof useStoreApi>;

interface Taken {
  readonly link: Link;
  /** The end that goes along with the pointer; the other one stays. */
  readonly end: Socket['side'];
  /** All that go; none for a copy of the link, which stays as well. */
  readonly moving: readonly LinkId[];
}

/** Begins the drag that the end that stays would begin, but at the pointer; works also where that one is out of sight. */
export function takeUp(store: FlowStore, event: MouseEvent | TouchEvent, { link, end, moving }: Taken): void {
  if ('button' in event && event.button !== 0) return;
  if (!(event.currentTarget instanceof Element)) return;
  const state = store.getState();
  const isSource = end === 'output';
  XYHandle.onPointerDown(event.nativeEvent, {
    handleDomNode: event.currentTarget,
    edgeUpdaterType: isSource ? 'target' : 'source',
    isTarget: isSource,
    handleId: isSource ? handleId('input', link.targetSlot) : handleId('output', link.sourceSlot),
    nodeId: isSource ? link.target : link.source,
    autoPanOnConnect: state.autoPanOnConnect,
    autoPanSpeed: state.autoPanSpeed,
    connectionMode: state.connectionMode,
    connectionRadius: state.connectionRadius,
    domNode: state.domNode,
    nodeLookup: state.nodeLookup,
    lib: state.lib,
    flowId: state.rfId,
    panBy: state.panBy,
    cancelConnection: state.cancelConnection,
    updateConnection: state.updateConnection,
    dragThreshold: state.connectionDragThreshold,
    onConnectStart: (started, params) => {
      useLinkDrag.getState().take(moving);
      state.onConnectStart?.(started, params);
    },
    onConnect: (connection) => store.getState().onConnect?.(connection),
    onConnectEnd: (ended, final) => store.getState().onConnectEnd?.(ended, final),
    isValidConnection: (edge) => store.getState().isValidConnection?.(edge) ?? true,
    getTransform: () => store.getState().transform,
    getFromHandle: () => store.getState().connection.fromHandle,
  });
}
