/** What the flow library is given to draw: derived from the open level, the selection and the gesture that lasts. */

import { useMemo, useRef } from 'react';
import type { Graph } from '../model/types';
import { useDefinitions } from '../state/definitions';
import type { Selection } from '../state/documents';
import { deriveEdges, deriveNodes, type Scene } from './derive';
import type { FlowEdge, FlowNode } from './flow';
import type { GestureState } from './useGestures';

/** With more selected than that they are culled as any others: that all of a large graph is selected is no reason to mount it. */
const MOST_PINNED = 24;

const NO_NODES: FlowNode[] = [];
const NO_EDGES: FlowEdge[] = [];

function pinnedOf(selection: Selection, kept: ReadonlySet<string>): ReadonlySet<string> {
  return selection.nodes.size === 0 || selection.nodes.size > MOST_PINNED
    ? kept
    : new Set([...kept, ...selection.nodes]);
}

export interface Drawn {
  readonly scene: Scene;
  /** Arrays of the flow library's own type; nobody changes them. */
  readonly nodes: FlowNode[];
  readonly edges: FlowEdge[];
}

/** `kept`: nodes that stay mounted out of sight beside those that are selected. */
export function useScene(
  graph: Graph,
  selection: Selection,
  gestures: GestureState,
  kept: ReadonlySet<string>,
): Drawn {
  const definitions = useDefinitions((state) => state.definitions);
  const before = useRef({ nodes: NO_NODES, edges: NO_EDGES });
  const { moved, sized, reroutes } = gestures;
  const scene = useMemo(
    (): Scene => ({
      graph,
      definitions,
      selection,
      reroutes,
      moved,
      sized,
      pinned: pinnedOf(selection, kept),
    }),
    [graph, definitions, selection, reroutes, moved, sized, kept],
  );
  return useMemo(() => {
    const nodes = deriveNodes(scene, before.current.nodes);
    const edges = deriveEdges(scene, before.current.edges);
    before.current = { nodes, edges };
    return { scene, nodes, edges };
  }, [scene]);
}
