/** What is painted of a graph when it is seen from far away, and what lies where in it. */

import Flatbush from 'flatbush';
import { definitionOf } from '../model/instances';
import type { GraphNode, NodeId, Point, Size } from '../model/types';
import { BYPASSED, MUTED } from '../model/types';
import { typeColour } from '../theme/typeColours';
import { drawnSize, reroutesOf, type Scene } from './derive';
import { rerouteFlowId } from './flow';
import { headerColour, titleOf } from './titles';
import type { Rectangle } from './view';

export interface FarNode extends Rectangle {
  readonly id: NodeId;
  readonly title: string;
  readonly colour: string;
  readonly quiet: boolean;
  readonly selected: boolean;
}

export interface FarLink {
  readonly colour: string;
  readonly points: readonly Point[];
}

export interface FarScene {
  readonly nodes: readonly FarNode[];
  readonly links: readonly FarLink[];
  readonly byId: ReadonlyMap<NodeId, FarNode>;
  /** The topmost node at a place. */
  at(point: Point): FarNode | null;
}

function farNode(scene: Scene, node: GraphNode): FarNode {
  const definition = definitionOf(scene.graph, node, scene.definitions);
  const subgraph = scene.graph.subgraphs.get(node.type) ?? null;
  const [x, y] = scene.moved.get(node.id) ?? node.pos;
  const [width, height]: Size = drawnSize(node, definition);
  return {
    id: node.id,
    x,
    y,
    width,
    height,
    title: titleOf(node, definition, subgraph),
    colour: headerColour(node, definition, subgraph),
    quiet: node.mode === MUTED || node.mode === BYPASSED,
    selected: scene.selection.nodes.has(node.id),
  };
}

function farLinks(scene: Scene, byId: ReadonlyMap<NodeId, FarNode>): readonly FarLink[] {
  const links: FarLink[] = [];
  for (const link of scene.graph.links.values()) {
    const [source, target] = [byId.get(link.source), byId.get(link.target)];
    if (source === undefined || target === undefined) continue;
    const through = reroutesOf(scene.graph, link).map(
      (each) => scene.moved.get(rerouteFlowId(each.id)) ?? each.pos,
    );
    links.push({
      colour: typeColour(link.type),
      points: [middleRight(source), ...through, middleLeft(target)],
    });
  }
  return links;
}

function middleRight({ x, y, width, height }: Rectangle): Point {
  return [x + width, y + height / 2];
}

function middleLeft({ x, y, height }: Rectangle): Point {
  return [x, y + height / 2];
}

export function farSceneOf(scene: Scene): FarScene {
  const nodes = [...scene.graph.nodes.values()].map((node) => farNode(scene, node));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let index: Flatbush | null = null;
  return {
    nodes,
    byId,
    links: farLinks(scene, byId),
    at: ([x, y]) => {
      index ??= indexOf(nodes);
      const found = index?.search(x, y, x, y) ?? [];
      return found.length === 0 ? null : (nodes[Math.max(...found)] ?? null);
    },
  };
}

/** Only made when somebody points at something; null for no nodes, of which no index can be made. */
function indexOf(nodes: readonly FarNode[]): Flatbush | null {
  if (nodes.length === 0) return null;
  const index = new Flatbush(nodes.length);
  for (const { x, y, width, height } of nodes) index.add(x, y, x + width, y + height);
  index.finish();
  return index;
}
