/** The keyboard on the canvas: Tab goes along the flow, arrows move what is selected, Enter goes into a node. */

import { type KeyboardEvent, useCallback } from 'react';
import { useInterface } from '../app/interface';
import { removeReroutes } from '../model/edit_reroutes';
import { isBoundary } from '../model/graph';
import type { NodeId, Point } from '../model/types';
import { activeDocument, useDocuments } from '../state/documents';
import { canvas } from './controls';
import { groupFlowId, rerouteFlowId } from './flow';
import { afterMoves, shifted } from './moves';
import { nextInFlow, stepOf } from './order';
import type { Chosen } from './selecting';
import { currentGraph, type Gestures } from './useGestures';

/** How many frames are waited for the inspector to be there. */
const MOST_FRAMES = 120;
const FIELD = 'input, textarea, select, button, [contenteditable="true"]';
const INSIDE = 'input, textarea, select, button:not([tabindex="-1"])';

/** The node that has the keyboard itself, not one of its fields. */
function focusedNode(target: EventTarget): NodeId | null {
  return target instanceof HTMLElement && target.classList.contains('react-flow__node-node')
    ? (target.dataset.id ?? null)
    : null;
}

/** False: the keyboard leaves the canvas as it would leave any other part of the page. */
function goOn(from: NodeId, back: boolean): boolean {
  const next = nextInFlow(currentGraph(), from, back);
  if (next !== null) canvas().focusNode(next);
  return next !== null;
}

function enter(node: NodeId, element: HTMLElement): void {
  const graph = currentGraph();
  const type = graph.nodes.get(node)?.type ?? '';
  if (graph.subgraphs.has(type)) useDocuments.getState().enter(node);
  else element.querySelector<HTMLElement>(INSIDE)?.focus();
}

/** The names and the order of a subgraph's inputs and outputs are edited beside the canvas. */
function inspect(node: NodeId): void {
  useDocuments.getState().select({ nodes: new Set([node]) });
  useInterface.getState().showRight('inspector');
  focusFirst(MOST_FRAMES);
}

function focusFirst(frames: number): void {
  const field = document.querySelector<HTMLElement>('.boundary-sockets input');
  if (field !== null) field.focus();
  else if (frames > 0) requestAnimationFrame(() => focusFirst(frames - 1));
}

/** `alone`: groups leave behind what lies in them. */
function moveChosen({ selection, reroutes }: Chosen, delta: Point, alone = false): boolean {
  const ids = [
    ...selection.nodes,
    ...[...selection.groups].map(groupFlowId),
    ...[...reroutes].map(rerouteFlowId),
  ];
  if (ids.length === 0) return false;
  useDocuments
    .getState()
    .edit('step.moved', (graph) => afterMoves(graph, { corners: shifted(graph, ids, delta), alone }), {
      merge: 'arrows',
    });
  return true;
}

function moveFrames(chosen: Chosen, delta: Point): boolean {
  return chosen.selection.groups.size > 0 && moveChosen(chosen, delta, true);
}

/** Nodes and links are deleted by a command; the points of links are known only here. */
function removeChosenReroutes(gestures: Gestures): boolean {
  const { selection, reroutes } = gestures.chosen();
  if (reroutes.size === 0 || selection.nodes.size > 0) return false;
  useDocuments.getState().edit('step.deleted', (graph) => removeReroutes(graph, reroutes));
  gestures.choose({ selection, reroutes: new Set() });
  return true;
}

function leaveField(element: HTMLElement): boolean {
  const node = element.closest<HTMLElement>('.react-flow__node-node');
  node?.focus();
  return node !== null;
}

function handled(event: KeyboardEvent, gestures: Gestures): boolean {
  const element = event.target instanceof HTMLElement ? event.target : null;
  if (element === null || event.nativeEvent.isComposing || event.altKey) return false;
  const isField = element.closest(FIELD) !== null;
  if (isField) return event.key === 'Escape' && leaveField(element);
  const step = stepOf(event.key, event.shiftKey);
  if (event.ctrlKey || event.metaKey) return step !== null && moveFrames(gestures.chosen(), step);
  const node = focusedNode(element);
  if (step !== null) return moveChosen(gestures.chosen(), step);
  switch (event.key) {
    case 'Tab':
      return node !== null && goOn(node, event.shiftKey);
    case 'Enter':
      if (node !== null && isBoundary(node)) inspect(node);
      else if (node !== null) enter(node, element);
      return node !== null;
    case 'Delete':
    case 'Backspace':
      return removeChosenReroutes(gestures);
    case 'Escape':
      return clear(gestures);
    default:
      return false;
  }
}

/** Escape first lets go of what is selected; only then does it lead out of a subgraph. */
function clear(gestures: Gestures): boolean {
  const { nodes, links, groups } = activeDocument().selection;
  if (nodes.size + links.size + groups.size + gestures.chosen().reroutes.size === 0) return false;
  gestures.choose({
    selection: { nodes: new Set(), links: new Set(), groups: new Set() },
    reroutes: new Set(),
  });
  return true;
}

export function useKeyboard(gestures: Gestures): (event: KeyboardEvent) => void {
  return useCallback(
    (event) => {
      if (!handled(event, gestures)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    [gestures],
  );
}
