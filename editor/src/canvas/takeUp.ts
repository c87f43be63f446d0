/** Takes up the end of a link that is there, so that it can be put elsewhere. */

import type { useStoreApi } from '@xyflow/react';
import { XYHandle } from '@xyflow/system';
import type { MouseEvent, TouchEvent } from 'react';
import type { Link } from '../model/types';
import { handleId } from './flow';
import { useLinkDrag } from './linkDrag';

type FlowStore = ReturnType<typeof useStoreApi>;

/** Begins the drag that the output of the link would begin, but at the pointer; works also where that one is out of sight. */
export function takeUp(store: FlowStore, event: MouseEvent | TouchEvent, link: Link): void {
  if ('button' in event && event.button !== 0) return;
  if (!(event.currentTarget instanceof Element)) return;
  const state = store.getState();
  XYHandle.onPointerDown(event.nativeEvent, {
    handleDomNode: event.currentTarget,
    edgeUpdaterType: 'source',
    isTarget: false,
    handleId: handleId('output', link.sourceSlot),
    nodeId: link.source,
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
      useLinkDrag.getState().take(link.id);
      state.onConnectStart?.(started, params);
    },
    onConnect: (connection) => store.getState().onConnect?.(connection),
    onConnectEnd: (ended, final) => store.getState().onConnectEnd?.(ended, final),
    isValidConnection: (edge) => store.getState().isValidConnection?.(edge) ?? true,
    getTransform: () => store.getState().transform,
    getFromHandle: () => store.getState().connection.fromHandle,
  });
}
