/** One level of a workflow on the flow library: near by its nodes are real elements, far away one picture of them all. */

import {
  Background,
  BackgroundVariant,
  ReactFlow,
  type ReactFlowProps,
  SelectionMode,
  useStore,
} from '@xyflow/react';
import { type DragEvent, type FocusEvent, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NodeId, Point } from '../model/types';
import { activeDocument, useInner, useSelection } from '../state/documents';
import { useSettings } from '../state/settings';
import { CanvasTools, TouchActions } from './CanvasTools';
import { ConnectionLine } from './ConnectionLine';
import type { CanvasControls } from './controls';
import { drop, mayDrop } from './dropFiles';
import { FarLayer } from './FarLayer';
import type { FlowEdge, FlowNode } from './flow';
import { GroupView } from './GroupView';
import { LinkView } from './LinkView';
import { useLinkDrag } from './linkDrag';
import { LINKING } from './linking';
import { Minimap } from './Minimap';
import { NodeView } from './NodeView';
import { usePanelsOver } from './panelsOver';
import { RerouteView } from './RerouteView';
import { nodeAt, rectanglesOf } from './rectangles';
import { useBox } from './useBox';
import { useControls } from './useControls';
import { useFlowEvents } from './useFlowEvents';
import { currentGraph, useGestures } from './useGestures';
import { useKeyboard } from './useKeyboard';
import { useLongPress } from './useLongPress';
import { useScene } from './useScene';
import { boundsOf, LEAST_ZOOM, MOST_ZOOM, openingView, type Rectangle, withinArea } from './view';

const NODE_TYPES = { node: NodeView, frame: GroupView, reroute: RerouteView };
const EDGE_TYPES = { link: LinkView };
const PAN_BUTTONS = [0, 1];
const BOX_KEYS = ['Shift', 'Control', 'Meta'];
const SNAP: [number, number] = [10, 10];
const NO_NODES: FlowNode[] = [];
const NO_EDGES: FlowEdge[] = [];

/** Below the first zoom nodes are painted instead of mounted, above the second they are mounted again. */
const FAR = 0.34;
const NEAR = 0.38;

function useIsFar(first: number): boolean {
  const [memory] = useState(() => ({ isFar: first < FAR }));
  return useStore((state) => {
    const zoom = state.transform[2];
    memory.isFar = memory.isFar ? zoom < NEAR : zoom < FAR;
    return memory.isFar;
  });
}

/** Nodes that stay mounted out of sight: the one with the keyboard, and the one a link is dragged from. */
function useKept(isBoxing: boolean) {
  const [focused, setFocused] = useState<string | null>(null);
  const linked = useLinkDrag((state) => state.from?.node ?? null);
  const onFocus = useCallback((event: FocusEvent) => {
    if (!(event.target instanceof Element) || event.target.closest('.react-flow') === null) return;
    setFocused(event.target.closest('.react-flow__node')?.getAttribute('data-id') ?? null);
  }, []);
  const kept = useMemo(() => {
    const ids = [focused, linked].filter((id): id is string => id !== null);
    return new Set(isBoxing ? [] : ids);
  }, [focused, linked, isBoxing]);
  return { kept, onFocus };
}

/** What never changes of the canvas; sizes are known beforehand, so only what is seen is mounted. */
const FIXED = {
  nodeTypes: NODE_TYPES,
  edgeTypes: EDGE_TYPES,
  connectionLineComponent: ConnectionLine,
  minZoom: LEAST_ZOOM,
  maxZoom: MOST_ZOOM,
  onlyRenderVisibleElements: true,
  elevateNodesOnSelect: false,
  zIndexMode: 'manual',
  selectionMode: SelectionMode.Partial,
  selectionKeyCode: BOX_KEYS,
  multiSelectionKeyCode: BOX_KEYS,
  deleteKeyCode: null,
  // The space bar opens the list of nodes.
  panActivationKeyCode: null,
  // Tab goes along the nodes; links are listed in the panel of a node and in the outline.
  edgesFocusable: false,
  panOnDrag: PAN_BUTTONS,
  zoomOnDoubleClick: false,
  connectionRadius: 24,
  nodeDragThreshold: 2,
  snapGrid: SNAP,
  attributionPosition: 'bottom-left',
} satisfies Partial<ReactFlowProps<FlowNode, FlowEdge>>;

/** Where the level was seen from last, else all of it. */
function firstView(area: Rectangle) {
  const { view } = activeDocument();
  const all = boundsOf(rectanglesOf(currentGraph()));
  return view ?? withinArea(openingView(all, [area.width, area.height]), area);
}

/** The element tells it, pictures that hang below included; far away only the place does. */
function nodeUnder(target: EventTarget, at: Point): NodeId | null {
  const element = target instanceof Element ? target.closest('.react-flow__node-node') : null;
  return element?.getAttribute('data-id') ?? nodeAt(currentGraph(), at);
}

/** Files and pictures may be let go over the canvas. */
function dropping(controls: CanvasControls) {
  return {
    onDragOver: (event: DragEvent): void => {
      if (mayDrop(event.dataTransfer)) event.preventDefault();
    },
    onDrop: (event: DragEvent): void => {
      event.preventDefault();
      const at = controls.toGraph([event.clientX, event.clientY]);
      void drop(event.dataTransfer, at, nodeUnder(event.target, at));
    },
  };
}

export function Flow({ measure }: { readonly measure: () => Rectangle }) {
  const { t } = useTranslation();
  const inner = useInner();
  const selection = useSelection();
  const snap = useSettings((state) => state.snap);
  const [view] = useState(() => firstView(measure()));
  const [isReady, setReady] = useState(false);
  const [isBoxing, setBoxing] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const pointer = useRef<Point | null>(null);
  const controls = useControls(frame, pointer);
  usePanelsOver(frame);
  const { state, gestures } = useGestures(inner, selection);
  const { kept, onFocus } = useKept(isBoxing);
  const { scene, nodes, edges } = useScene(inner, selection, state, kept);
  const isFar = useIsFar(view.zoom);
  const box = useBox(gestures, setBoxing);
  const events = useFlowEvents(gestures, controls);
  const onKeyDown = useKeyboard(gestures);
  useLongPress(frame);
  const onReady = useCallback(() => setReady(true), []);
  const isNear = isReady && !isFar;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the elements within have roles; this one only listens
    <div
      className="flow"
      ref={frame}
      tabIndex={-1}
      data-far={isFar || undefined}
      onFocus={onFocus}
      onKeyDownCapture={onKeyDown}
      onDoubleClick={events.onDoubleClick}
      onWheelCapture={events.onWheelCapture}
      onPointerDownCapture={box.prepare}
      onPointerMove={(event) => {
        pointer.current = [event.clientX, event.clientY];
        box.move();
      }}
      onPointerLeave={() => {
        pointer.current = null;
      }}
      {...dropping(controls)}
    >
      <ReactFlow<FlowNode, FlowEdge>
        nodes={isNear ? nodes : NO_NODES}
        edges={isNear ? edges : NO_EDGES}
        defaultViewport={view}
        onInit={onReady}
        snapToGrid={snap}
        {...FIXED}
        ariaLabelConfig={{
          'node.a11yDescription.default': t('canvas.nodeKeys'),
          'edge.a11yDescription.default': t('canvas.linkKeys'),
        }}
        onNodesChange={gestures.onNodesChange}
        onEdgesChange={gestures.onEdgesChange}
        onSelectionStart={box.start}
        onSelectionEnd={box.end}
        {...LINKING}
        {...events.flow}
      >
        {!isFar && <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} color="var(--grid)" />}
        {isReady && isFar && <FarLayer scene={scene} gestures={gestures} frame={frame} />}
      </ReactFlow>
      {inner.nodes.size === 0 && inner.groups.length === 0 && (
        <p className="canvas-hint">{t('canvas.empty')}</p>
      )}
      <TouchActions />
      <CanvasTools controls={controls} />
      <Minimap scene={scene} />
    </div>
  );
}
