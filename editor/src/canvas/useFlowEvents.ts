/** Clicks, drags and menus on the canvas, each turned into what it means for the workflow. */

import type { Node, OnNodeDrag } from '@xyflow/react';
import { type MouseEvent, useMemo, type WheelEvent } from 'react';
import { useInterface } from '../app/interface';
import { addReroute } from '../model/edit_reroutes';
import { isBoundary } from '../model/graph';
import type { NodeId, Point } from '../model/types';
import { useNodePalette } from '../panels/nodePaletteStore';
import {
  activeDocument,
  NOTHING_SELECTED,
  type Selection,
  useDocuments,
  type View,
} from '../state/documents';
import type { CanvasControls } from './controls';
import { fitsInto, linkAt, setDropTarget } from './dropLink';
import { drawnBy, type FlowEdge, type FlowNode } from './flow';
import { pointOf } from './linking';
import { useTitleEdit } from './titleEdit';
import { currentGraph, type Gestures } from './useGestures';

function screenOf(event: { clientX: number; clientY: number }): Point {
  return [event.clientX, event.clientY];
}

/** The menu is about what is selected; what is not yet becomes so. */
export function openMenu(
  controls: CanvasControls,
  event: { clientX: number; clientY: number; preventDefault(): void },
  node: NodeId | null,
  selection: Partial<Selection> | null,
): void {
  event.preventDefault();
  if (selection !== null) useDocuments.getState().select(selection);
  const screen = screenOf(event);
  useInterface.getState().openMenu({ screen, at: controls.toGraph(screen), node });
}

/** Null where it is selected already, perhaps with others. */
export function selectionFor(flowId: string): Partial<Selection> | null {
  const { nodes, groups } = activeDocument().selection;
  const drawn = drawnBy(flowId);
  if (drawn.kind === 'node') return nodes.has(drawn.id) ? null : { nodes: new Set([drawn.id]) };
  if (drawn.kind === 'group') return groups.has(drawn.id) ? null : { groups: new Set([drawn.id]) };
  return {};
}

/** A single node that is held over a link may go into it; Alt keeps it out. */
function hover(
  controls: CanvasControls,
  event: globalThis.MouseEvent | TouchEvent,
  nodes: readonly Node[],
): void {
  const [node, ...others] = nodes;
  if (node === undefined || others.length > 0 || node.type !== 'node' || event.altKey) {
    setDropTarget(null);
    return;
  }
  const middle = controls.toScreen([
    node.position.x + (node.width ?? 0) / 2,
    node.position.y + (node.height ?? 0) / 2,
  ]);
  const link = linkAt(pointOf(event)) ?? linkAt(middle);
  const fits = link !== null && fitsInto(currentGraph(), link, node.id);
  setDropTarget(fits ? { link, node: node.id } : null);
}

function openPalette(controls: CanvasControls, event: MouseEvent): void {
  const screen = screenOf(event);
  useNodePalette.getState().open({ screen, at: controls.toGraph(screen) });
}

function reroute(controls: CanvasControls, event: MouseEvent, edge: FlowEdge): void {
  const at = controls.toGraph(screenOf(event));
  useDocuments.getState().edit('step.rerouted', (graph) => addReroute(graph, Number(edge.id), at));
}

/** A text that is being edited scrolls under the wheel, all else zooms. */
function keepWheel(event: WheelEvent): void {
  const field = event.target instanceof Element ? event.target.closest('textarea, .note-text') : null;
  if (field === null || event.ctrlKey || field.scrollHeight <= field.clientHeight) return;
  const isActive = field === document.activeElement || field.closest('.react-flow__node.selected') !== null;
  if (isActive) event.stopPropagation();
}

/** On a title: it is edited. On the rest of a subgraph: it is opened. */
function openNode(event: MouseEvent, node: FlowNode): void {
  const element = event.target instanceof Element ? event.target : null;
  if (element === null || element.closest('.nodrag') !== null || isBoundary(node.id)) return;
  if (element.closest('.node-header, .group-title') !== null) useTitleEdit.getState().begin(node.id);
  else if (node.type === 'node' && node.data.subgraph !== null) useDocuments.getState().enter(node.id);
}

/** A plain click on one of several that are selected leaves only that one; the flow library would keep them all. */
function chooseOnly(gestures: Gestures, event: MouseEvent, node: FlowNode): void {
  if (event.shiftKey || event.ctrlKey || event.metaKey) return;
  const { selection, reroutes } = gestures.chosen();
  if (selection.nodes.size + selection.links.size + selection.groups.size + reroutes.size < 2) return;
  const drawn = drawnBy(node.id);
  gestures.choose({
    selection: {
      nodes: new Set(drawn.kind === 'node' ? [drawn.id] : []),
      groups: new Set(drawn.kind === 'group' ? [drawn.id] : []),
      links: new Set(),
    },
    reroutes: new Set(drawn.kind === 'reroute' ? [drawn.id] : []),
  });
}

/** Only the level that is still open remembers where it is seen from. */
function viewKeeper() {
  const { id, path } = activeDocument();
  const level = [id, ...path].join('/');
  return (view: View): void => {
    const now = activeDocument();
    if ([now.id, ...now.path].join('/') === level) useDocuments.getState().setView(view);
  };
}

export function useFlowEvents(gestures: Gestures, controls: CanvasControls) {
  return useMemo(() => {
    const { setAlone } = gestures;
    const keepView = viewKeeper();
    const onNodeDragStart: OnNodeDrag<FlowNode> = (event) => setAlone(event.ctrlKey || event.metaKey);
    const onNodeDrag: OnNodeDrag<FlowNode> = (event, _node, nodes) => hover(controls, event, nodes);
    return {
      onWheelCapture: keepWheel,
      onDoubleClick: (event: MouseEvent) => {
        if (!(event.target instanceof Element) || !event.target.classList.contains('react-flow__pane'))
          return;
        if (!event.defaultPrevented) openPalette(controls, event);
      },
      flow: {
        onNodeDragStart,
        onNodeDrag,
        onMoveEnd: (_event: unknown, view: View) => keepView(view),
        onEdgeClick: (event: MouseEvent, edge: FlowEdge) => {
          if (event.altKey) reroute(controls, event, edge);
        },
        onEdgeDoubleClick: (event: MouseEvent, edge: FlowEdge) => reroute(controls, event, edge),
        onNodeClick: (event: MouseEvent, node: FlowNode) => chooseOnly(gestures, event, node),
        onNodeDoubleClick: openNode,
        onNodeContextMenu: (event: MouseEvent, node: FlowNode) => {
          const isField = event.target instanceof Element && event.target.closest('input, textarea') !== null;
          if (isField) return;
          openMenu(controls, event, node.type === 'node' ? node.id : null, selectionFor(node.id));
        },
        onEdgeContextMenu: (event: MouseEvent, edge: FlowEdge) =>
          openMenu(controls, event, null, { links: new Set([Number(edge.id)]) }),
        onPaneContextMenu: (event: MouseEvent | globalThis.MouseEvent) => {
          if (!event.defaultPrevented) openMenu(controls, event, null, NOTHING_SELECTED);
        },
      },
    };
  }, [gestures, controls]);
}
