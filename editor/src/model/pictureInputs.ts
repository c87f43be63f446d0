/** Pictures of the server as inputs of a workflow: which nodes read pictures, and how a picture gets into one. */

import type { Definitions, NodeDefinition } from './definition';
import { addNode, setValue } from './edit_nodes';
import { linkInto } from './graph';
import { definitionOf } from './instances';
import type { Graph, NodeId, Point } from './types';

/** A file of the server, in the words of its `/view`. */
export interface Picture {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

/** A kind of node that reads a picture, and the widget that names which. */
export interface Loader {
  readonly definition: NodeDefinition;
  readonly widget: string;
}

const USUAL = 'LoadImage';
/** Nodes that are added together stand below each other. */
const STEP = 340;
/** A node that would lie exactly over another one goes aside. */
const ASIDE = 30;

/** The widget that names the picture a node reads. */
export function pictureWidget(definition: NodeDefinition | null): string | null {
  return definition?.widgets.find((each) => each.upload === 'image' && each.kind !== 'upload')?.name ?? null;
}

/** The usual kind of node that reads a picture, else the first there is. */
export function usualLoader(definitions: Definitions): Loader | null {
  const usual = definitions.get(USUAL);
  for (const definition of usual === undefined ? definitions.values() : [usual, ...definitions.values()]) {
    const widget = pictureWidget(definition);
    if (widget !== null) return { definition, widget };
  }
  return null;
}

/** How a widget names a picture: its path, and in brackets where it lies unless that is the input folder. */
export function nameOfPicture({ filename, subfolder, type }: Picture): string {
  const path = subfolder === '' ? filename : `${subfolder}/${filename}`;
  return type === 'input' ? path : `${path} [${type}]`;
}

/** The widget through which a node of the graph can be given a picture: one that no link decides. */
export function openPictureWidget(graph: Graph, definitions: Definitions, id: NodeId): string | null {
  const node = graph.nodes.get(id);
  if (node === undefined) return null;
  const widget = pictureWidget(definitionOf(graph, node, definitions));
  if (widget === null) return null;
  const slot = node.inputs.findIndex((input) => input.widget === widget);
  return slot >= 0 && linkInto(graph, id, slot) !== null ? null : widget;
}

/** The one node among the selected that can be given a picture; null for none or several. */
export function targetAmong(
  graph: Graph,
  definitions: Definitions,
  selected: Iterable<NodeId>,
): NodeId | null {
  const fitting = [...selected].filter((id) => openPictureWidget(graph, definitions, id) !== null);
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

export interface WithPictures {
  readonly graph: Graph;
  /** The nodes that read them now. */
  readonly ids: readonly NodeId[];
}

/** The first picture goes into `target` if that is a node that can be given one, all others become nodes at a place. */
export function withPictures(
  graph: Graph,
  definitions: Definitions,
  pictures: readonly Picture[],
  target: NodeId | null,
  at: Point,
): WithPictures {
  const widget = target === null ? null : openPictureWidget(graph, definitions, target);
  const [first, ...others] = pictures;
  if (target === null || widget === null || first === undefined) {
    return withLoaders(graph, definitions, pictures, at);
  }
  const set = setValue(graph, target, widget, nameOfPicture(first));
  const rest = withLoaders(set, definitions, others, at);
  return { graph: rest.graph, ids: [target, ...rest.ids] };
}

function withLoaders(
  graph: Graph,
  definitions: Definitions,
  pictures: readonly Picture[],
  [x, y]: Point,
): WithPictures {
  const loader = usualLoader(definitions);
  if (loader === null) return { graph, ids: [] };
  const ids: NodeId[] = [];
  let result = graph;
  for (const [index, picture] of pictures.entries()) {
    const added = addNode(result, loader.definition, freePlace(result, [x, y + index * STEP]));
    result = setValue(added.graph, added.id, loader.widget, nameOfPicture(picture));
    ids.push(added.id);
  }
  return { graph: result, ids };
}

/** The place itself, or aside of it as long as a node has its corner there. */
export function freePlace(graph: Graph, at: Point): Point {
  const taken = new Set(
    [...graph.nodes.values()].map(({ pos }) => `${Math.round(pos[0])} ${Math.round(pos[1])}`),
  );
  let [x, y] = [Math.round(at[0]), Math.round(at[1])];
  while (taken.has(`${x} ${y}`)) [x, y] = [x + ASIDE, y + ASIDE];
  return [x, y];
}
