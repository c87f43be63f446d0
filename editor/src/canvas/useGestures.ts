/** Drags, resizes and selections: they live here while they last and become one step of the history at their end. */

import type { EdgeChange, NodeChange } from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { editGroup } from '../model/edit_groups';
import { insertIntoLink } from '../model/edit_links';
import { resizeNode } from '../model/edit_nodes';
import type { Graph, Point, RerouteId, Size } from '../model/types';
import { activeDocument, innerOf, type Selection, useDocuments } from '../state/documents';
import { useDropLink } from './dropLink';
import { drawnBy, type FlowEdge, type FlowNode } from './flow';
import { afterMoves, type Moves, movedCorners } from './moves';
import { afterEdgeChanges, afterNodeChanges, type Chosen } from './selecting';

/** What holds only while a gesture lasts, by flow id; and the selected reroutes, which documents know nothing of. */
export interface GestureState {
  readonly moved: ReadonlyMap<string, Point>;
  readonly sized: ReadonlyMap<string, Size>;
  readonly reroutes: ReadonlySet<RerouteId>;
}

/** The same object as long as the level is open. */
export interface Gestures {
  /** Show things elsewhere without changing the workflow yet. */
  drag(corners: ReadonlyMap<string, Point>, alone: boolean): void;
  /** The drag is over: what was shown becomes true. */
  drop(corners?: ReadonlyMap<string, Point>): void;
  setAlone(alone: boolean): void;
  chosen(): Chosen;
  choose(chosen: Chosen): void;
  onNodesChange(changes: NodeChange<FlowNode>[]): void;
  onEdgesChange(changes: EdgeChange<FlowEdge>[]): void;
  /** While a box is drawn, what it selects is not left to the flow library. */
  setBoxing(isBoxing: boolean): void;
}

const NOTHING_MOVED: Moves = { corners: new Map(), alone: false };
const NOTHING_SIZED: ReadonlyMap<string, Size> = new Map();
const NO_REROUTES: ReadonlySet<RerouteId> = new Set();

/** Reroutes are selected beside a selection of the document, and no longer when that becomes another one. */
interface Marked {
  readonly reroutes: ReadonlySet<RerouteId>;
  readonly beside: Selection | null;
}

const NOTHING_MARKED: Marked = { reroutes: NO_REROUTES, beside: null };

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

function resized(graph: Graph, flowId: string, size: Size): Graph {
  const drawn = drawnBy(flowId);
  if (drawn.kind === 'node') return resizeNode(graph, drawn.id, size);
  return drawn.kind === 'group' ? editGroup(graph, drawn.id, { size }) : graph;
}

interface Sizing {
  readonly size: Size;
  readonly isLast: boolean;
  readonly id: string;
}

function sizingIn(changes: readonly NodeChange<FlowNode>[]): Sizing | null {
  for (const change of changes) {
    if (change.type !== 'dimensions' || change.resizing === undefined || change.dimensions === undefined)
      continue;
    const { width, height } = change.dimensions;
    return { id: change.id, size: [Math.round(width), Math.round(height)], isLast: !change.resizing };
  }
  return null;
}

interface Moving {
  readonly corners: ReadonlyMap<string, Point>;
  readonly isLast: boolean;
}

function movingIn(changes: readonly NodeChange<FlowNode>[]): Moving | null {
  const corners = new Map<string, Point>();
  let isLast = true;
  for (const change of changes) {
    if (change.type !== 'position' || change.position === undefined) continue;
    corners.set(change.id, [Math.round(change.position.x), Math.round(change.position.y)]);
    if (change.dragging === true) isLast = false;
  }
  return corners.size === 0 ? null : { corners, isLast };
}

export function useGestures(
  inner: Graph,
  selection: Selection,
): { readonly state: GestureState; readonly gestures: Gestures } {
  const [moves, setMoves] = useState<Moves>(NOTHING_MOVED);
  const [sized, setSized] = useState(NOTHING_SIZED);
  const [marked, setMarked] = useState<Marked>(NOTHING_MARKED);
  const reroutes = marked.beside === selection ? marked.reroutes : NO_REROUTES;
  const now = useRef({ alone: false, boxing: false, reroutes, corners: moves.corners });
  now.current.reroutes = reroutes;

  const drag = useCallback((corners: ReadonlyMap<string, Point>, alone: boolean) => {
    now.current.corners = corners;
    setMoves({ corners, alone });
  }, []);

  const drop = useCallback((corners: ReadonlyMap<string, Point> = now.current.corners) => {
    const { alone } = now.current;
    const { target } = useDropLink.getState();
    useDropLink.setState({ target: null });
    now.current.corners = NOTHING_MOVED.corners;
    setMoves(NOTHING_MOVED);
    edit(target === null ? 'step.moved' : 'step.inserted', (graph) => {
      const result = afterMoves(graph, { corners, alone });
      return target === null ? result : insertIntoLink(result, target.link, target.node);
    });
  }, []);

  const chosen = useCallback(
    (): Chosen => ({ selection: activeDocument().selection, reroutes: now.current.reroutes }),
    [],
  );
  const choose = useCallback((next: Chosen) => {
    useDocuments.getState().select(next.selection);
    now.current.reroutes = next.reroutes;
    setMarked({ reroutes: next.reroutes, beside: activeDocument().selection });
  }, []);

  const resize = useCallback(({ id, size, isLast }: Sizing) => {
    setSized(isLast ? NOTHING_SIZED : new Map([[id, size]]));
    if (isLast) edit('step.resized', (graph) => resized(graph, id, size));
  }, []);

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      if (!now.current.boxing && changes.some((change) => change.type === 'select')) {
        choose(afterNodeChanges(chosen(), changes));
      }
      const sizing = sizingIn(changes);
      if (sizing !== null) resize(sizing);
      const moving = movingIn(changes);
      if (moving === null) return;
      if (moving.isLast) drop(moving.corners);
      else drag(moving.corners, now.current.alone);
    },
    [choose, chosen, drag, drop, resize],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => {
      if (!now.current.boxing) choose(afterEdgeChanges(chosen(), changes));
    },
    [choose, chosen],
  );

  const setAlone = useCallback((alone: boolean) => {
    now.current.alone = alone;
  }, []);
  const setBoxing = useCallback((isBoxing: boolean) => {
    now.current.boxing = isBoxing;
  }, []);

  const moved = useMemo(() => movedCorners(inner, afterMoves(inner, moves)), [inner, moves]);
  const state = useMemo(() => ({ moved, sized, reroutes }), [moved, sized, reroutes]);
  const gestures = useMemo(
    () => ({ drag, drop, setAlone, chosen, choose, onNodesChange, onEdgesChange, setBoxing }),
    [drag, drop, setAlone, chosen, choose, onNodesChange, onEdgesChange, setBoxing],
  );
  return { state, gestures };
}

/** The open level as it is now, for what happens outside of rendering. */
export function currentGraph(): Graph {
  return innerOf(activeDocument());
}
