/** Paints a graph seen from far away: frames, links, boxes with titles large enough to be read. */

import type { Group, Size } from '../model/types';
import type { View } from '../state/documents';
import type { NodeState } from '../state/runs';
import type { FarLink, FarNode, FarScene } from './farScene';
import { colourIn } from './titles';
import { type Rectangle, touches, visibleIn } from './view';

/** The theme's colours, as a canvas cannot read custom properties itself. */
export interface Colours {
  readonly node: string;
  readonly line: string;
  readonly text: string;
  readonly accent: string;
  readonly danger: string;
  readonly success: string;
  readonly font: string;
}

export function coloursFrom(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    node: of('--bg-node'),
    line: of('--line'),
    text: of('--fg'),
    accent: of('--accent'),
    danger: of('--danger'),
    success: of('--success'),
    font: of('--font') || 'sans-serif',
  };
}

export interface Picture {
  readonly scene: FarScene;
  readonly groups: readonly Group[];
  readonly view: View;
  readonly size: Size;
  readonly colours: Colours;
  readonly states: ReadonlyMap<string, NodeState>;
}

const HEADER = 30;
/** In pixels of the screen. */
const LETTERS = 10.5;
const LEAST_TITLE = 44;
const MOST_LETTERS = 60;

export function paint(context: CanvasRenderingContext2D, ratio: number, picture: Picture): void {
  const { view, size, scene } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size[0], size[1]);
  context.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.x, ratio * view.y);
  const seen = visibleIn(view, size);
  paintGroups(context, picture, seen);
  paintLinks(context, scene.links, view.zoom);
  const visible = scene.nodes.filter((node) => touches(seen, node));
  const nodes = [...visible.filter((node) => !node.selected), ...visible.filter((node) => node.selected)];
  paintNodes(context, nodes, picture);
  paintTitles(context, nodes, picture);
}

function paintGroups(
  context: CanvasRenderingContext2D,
  { groups, view, colours }: Picture,
  seen: Rectangle,
): void {
  for (const { pos, size, title, color } of groups) {
    const [x, y] = pos;
    if (!touches(seen, { x, y, width: size[0], height: size[1] })) continue;
    context.fillStyle = colourIn(color) ?? colours.accent;
    context.globalAlpha = 0.14;
    context.fillRect(x, y, size[0], size[1]);
    context.globalAlpha = 1;
    context.fillStyle = colours.text;
    context.font = `600 ${LETTERS / view.zoom}px ${colours.font}`;
    context.textBaseline = 'top';
    if (size[0] * view.zoom > LEAST_TITLE) {
      context.fillText(
        shortened(context, title, size[0] - 12 / view.zoom),
        x + 6 / view.zoom,
        y + 4 / view.zoom,
      );
    }
  }
}

/** All links of a colour in one stroke. */
function paintLinks(context: CanvasRenderingContext2D, links: readonly FarLink[], zoom: number): void {
  const byColour = new Map<string, FarLink[]>();
  for (const link of links) {
    const same = byColour.get(link.colour);
    if (same === undefined) byColour.set(link.colour, [link]);
    else same.push(link);
  }
  context.lineWidth = Math.max(2, 1 / zoom);
  context.globalAlpha = 0.7;
  for (const [colour, same] of byColour) {
    context.strokeStyle = colour;
    context.beginPath();
    for (const { points } of same) {
      for (const [at, [x, y]] of points.entries()) {
        if (at === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}

function paintNodes(context: CanvasRenderingContext2D, nodes: readonly FarNode[], picture: Picture): void {
  const { colours, view, states } = picture;
  for (const node of nodes) {
    const { x, y, width, height } = node;
    context.globalAlpha = node.quiet ? 0.45 : 1;
    context.fillStyle = colours.node;
    context.fillRect(x, y, width, height);
    context.fillStyle = node.colour;
    context.fillRect(x, y, width, HEADER);
    context.globalAlpha = 1;
    const ring = ringOf(node, states.get(node.id), colours);
    context.strokeStyle = ring ?? colours.line;
    context.lineWidth = (ring === null ? 1 : 2.5) / view.zoom;
    context.strokeRect(x, y, width, height);
  }
}

function ringOf(node: FarNode, state: NodeState | undefined, colours: Colours): string | null {
  if (state === 'failed') return colours.danger;
  if (state === 'running') return colours.success;
  return node.selected ? colours.accent : null;
}

/** In letters that do not shrink with the view, in the body where there is room for them. */
function paintTitles(context: CanvasRenderingContext2D, nodes: readonly FarNode[], picture: Picture): void {
  const { view, colours } = picture;
  const letters = LETTERS / view.zoom;
  context.font = `${letters}px ${colours.font}`;
  context.fillStyle = colours.text;
  context.textBaseline = 'middle';
  for (const { x, y, width, height, title } of nodes) {
    if (width * view.zoom < LEAST_TITLE || height - HEADER < letters) continue;
    const inset = 5 / view.zoom;
    context.fillText(
      shortened(context, title, width - 2 * inset),
      x + inset,
      y + HEADER + Math.min((height - HEADER) / 2, letters),
    );
  }
}

/** By the mean width of letters, as measuring each title again and again would take longer than all the rest. */
function shortened(context: CanvasRenderingContext2D, title: string, width: number): string {
  const letter = letterWidth(context);
  const most = Math.min(MOST_LETTERS, Math.floor(width / letter));
  return title.length <= most ? title : `${title.slice(0, Math.max(1, most - 1))}…`;
}

const widths = new Map<string, number>();

function letterWidth(context: CanvasRenderingContext2D): number {
  const known = widths.get(context.font);
  if (known !== undefined) return known;
  const width = context.measureText('abcdefghijklmnopqrstuvwxyz').width / 26;
  if (widths.size > 200) widths.clear();
  widths.set(context.font, width);
  return width;
}
