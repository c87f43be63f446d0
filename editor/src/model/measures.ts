/** The geometry of nodes, from their definitions alone, so that sizes are known before anything is shown. */

import type { NodeDefinition, Widget } from './definition';
import { hiddenInputs } from './hidden';
import type { GraphNode, Input, Output, Point, Size, Socket } from './types';
import { SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from './types';

export const TITLE_HEIGHT = 30;
export const ROW_HEIGHT = 26;
export const TEXT_HEIGHT = 88;
export const MIN_WIDTH = 210;
export const TEXT_WIDTH = 320;
export const PREVIEW_HEIGHT = 200;
/** Above the first row and below the last one. */
export const PADDING = 6;
const MAX_MINIMAL_WIDTH = 420;
const LETTER_WIDTH = 7;
const REROUTE_WIDTH = 80;
/** The inputs and outputs of a subgraph are slimmer than other nodes. */
const BOUNDARY_WIDTH = 150;

export type RowKind = 'slots' | 'widget' | 'preview';

/** `y` counts from the top of the node, title included; `input`, `output`: positions among the node's sockets. */
export interface Row {
  readonly kind: RowKind;
  readonly y: number;
  readonly height: number;
  readonly input?: number;
  readonly output?: number;
  readonly widget?: string;
}

type Content = Omit<Row, 'y' | 'height'> & { readonly minimal: number; readonly grows: boolean };

interface Layout {
  readonly definition: NodeDefinition | null;
  readonly rows: readonly Row[];
  readonly minimal: Size;
}

export function isNote(type: string): boolean {
  return type === 'Note' || type === 'MarkdownNote';
}

/** Whether only a title is drawn, with the sockets in it. */
export function isHeaderOnly(node: GraphNode): boolean {
  return node.collapsed || node.type === 'Reroute';
}

/** Whether a node keeps room below its rows for the pictures it shows. */
export function showsPictures(definition: NodeDefinition | null): boolean {
  if (definition === null) return false;
  if (definition.widgets.some((widget) => widget.upload === 'image' || widget.upload === 'video'))
    return true;
  return definition.terminal && definition.inputs.some((input) => input.type.split(',').includes('IMAGE'));
}

function slotRows(inputs: readonly number[], outputs: number): Content[] {
  return Array.from({ length: Math.max(inputs.length, outputs) }, (_, at): Content => {
    const input = inputs[at];
    return {
      kind: 'slots',
      minimal: ROW_HEIGHT,
      grows: false,
      ...(input === undefined ? {} : { input }),
      ...(at < outputs ? { output: at } : {}),
    };
  });
}

/** Null: a row as usual. */
type Tall = number | null;

function widgetRow(widget: string, height: Tall, input: number | undefined): Content {
  return {
    kind: 'widget',
    minimal: height ?? ROW_HEIGHT,
    grows: height !== null,
    widget,
    ...(input === undefined ? {} : { input }),
  };
}

/** How tall the row of a widget is at least where it is no usual one; such rows grow with their node. */
export function tallness(widget: Widget): Tall {
  if (widget.height !== undefined && widget.height > ROW_HEIGHT) return widget.height;
  return widget.multiline ? TEXT_HEIGHT : null;
}

/** The widgets with a row of their own; of a node without a definition those that its sockets tell of. */
function shownWidgets(node: GraphNode, definition: NodeDefinition | null): readonly [string, Tall][] {
  if (definition !== null) {
    const isShown = (widget: Widget) => widget.options.hidden !== true;
    return definition.widgets.filter(isShown).map((widget) => [widget.name, tallness(widget)]);
  }
  if (isNote(node.type)) return [['text', TEXT_HEIGHT]];
  return node.inputs.flatMap(({ widget }): [string, Tall][] => (widget === null ? [] : [[widget, null]]));
}

function contentOf(node: GraphNode, definition: NodeDefinition | null): Content[] {
  if (node.type === 'Reroute') return [];
  const widgets = shownWidgets(node, definition);
  const names = new Set(widgets.map(([name]) => name));
  const sockets = new Map<string, number>();
  const plain: number[] = [];
  const hidden = hiddenInputs(node);
  for (const [at, { name, widget }] of node.inputs.entries()) {
    if (widget === null && hidden.has(name)) continue;
    if (widget !== null && names.has(widget) && !sockets.has(widget)) sockets.set(widget, at);
    else plain.push(at);
  }
  const rows = slotRows(plain, node.outputs.length);
  for (const [name, height] of widgets) rows.push(widgetRow(name, height, sockets.get(name)));
  if (showsPictures(definition)) rows.push({ kind: 'preview', minimal: PREVIEW_HEIGHT, grows: true });
  return rows;
}

/** Whether a node stands for the inputs or the outputs of the subgraph it is seen in. */
function isEdge(node: GraphNode): boolean {
  return node.id === SUBGRAPH_INPUTS || node.id === SUBGRAPH_OUTPUTS;
}

/** As it is shown: files may give a socket another label than its name. */
function lettersOf(socket: Input | Output | undefined): number {
  const label = socket?.extra.label;
  return typeof label === 'string' && label !== '' ? label.length : (socket?.name.length ?? 0);
}

function minimalWidth(node: GraphNode, rows: readonly Content[]): number {
  let widest = isEdge(node) ? BOUNDARY_WIDTH : MIN_WIDTH;
  for (const { kind, input, output } of rows) {
    if (kind !== 'slots') continue;
    const left = input === undefined ? 0 : lettersOf(node.inputs[input]);
    const right = output === undefined ? 0 : lettersOf(node.outputs[output]);
    widest = Math.max(widest, (left + right) * LETTER_WIDTH + 60);
  }
  return Math.min(widest, MAX_MINIMAL_WIDTH);
}

/** Room that is left over goes to the area for pictures, or else evenly to texts. */
function placed(content: readonly Content[], slack: number): readonly Row[] {
  const last = content.at(-1);
  const growing = content.filter((row) => row.grows && (last?.kind !== 'preview' || row === last)).length;
  let y = TITLE_HEIGHT + PADDING;
  return content.map(({ minimal, grows, ...row }): Row => {
    const gets = grows && (last?.kind !== 'preview' || row.kind === 'preview');
    const height = minimal + (gets ? slack / growing : 0);
    const placedRow = { ...row, y, height };
    y += height;
    return placedRow;
  });
}

function layoutOf(node: GraphNode, definition: NodeDefinition | null): Layout {
  if (node.type === 'Reroute') return { definition, rows: [], minimal: [REROUTE_WIDTH, TITLE_HEIGHT] };
  const content = contentOf(node, definition);
  const height = content.reduce((sum, row) => sum + row.minimal, TITLE_HEIGHT + 2 * PADDING);
  const slack = Math.max(0, node.size[1] - height);
  return { definition, rows: placed(content, slack), minimal: [minimalWidth(node, content), height] };
}

const layouts = new WeakMap<GraphNode, Layout>();

function layout(node: GraphNode, definition: NodeDefinition | null): Layout {
  const known = layouts.get(node);
  if (known !== undefined && known.definition === definition) return known;
  const made = layoutOf(node, definition);
  layouts.set(node, made);
  return made;
}

/** What is drawn below the title from top to bottom: sockets, then widgets, then pictures. */
export function rowsOf(node: GraphNode, definition: NodeDefinition | null): readonly Row[] {
  return layout(node, definition).rows;
}

export function minimalSize(node: GraphNode, definition: NodeDefinition | null): Size {
  return layout(node, definition).minimal;
}

const CONTROL_LETTERS: Readonly<Partial<Record<Widget['kind'], number>>> = {
  integer: 8,
  float: 8,
  text: 18,
  choice: 14,
};
const MOST_LETTERS = 40;
/** Around the label and the control of a row. */
const ROW_EXTRAS = 56;

/** How wide a row is for its label and an ordinary value to be read whole. */
function comfortable({ kind, name, label, choices, hasControl, options }: Widget): number {
  if (options.hidden === true) return 0;
  const longest = choices.reduce((most: number, choice) => Math.max(most, String(choice).length), 0);
  const value = Math.max(CONTROL_LETTERS[kind] ?? 6, kind === 'choice' ? Math.min(24, longest) : 0);
  const letters = Math.min(MOST_LETTERS, (label || name).length + value + (hasControl ? 8 : 0));
  return letters * LETTER_WIDTH + ROW_EXTRAS;
}

/** The size that a new node gets. */
export function initialSize(node: GraphNode, definition: NodeDefinition | null): Size {
  const [least, height] = minimalSize(node, definition);
  const width = (definition?.widgets ?? [])
    .filter((widget) => !widget.multiline)
    .reduce((widest, widget) => Math.max(widest, comfortable(widget)), least);
  const hasText = isNote(node.type) || definition?.widgets.some((widget) => widget.multiline) === true;
  return [hasText ? Math.max(width, TEXT_WIDTH) : width, height];
}

/** The size as drawn: what the node says but never less than its rows need, and only the title where that is all. */
export function shownSize(node: GraphNode, definition: NodeDefinition | null): Size {
  const [width, height] = minimalSize(node, definition);
  if (node.type === 'Reroute' || isEdge(node)) return [width, height];
  if (node.collapsed) return [width, TITLE_HEIGHT];
  return [Math.max(width, node.size[0]), Math.max(height, node.size[1])];
}

/** Where the area for pictures begins; for a node without one its lower edge, below which a preview may hang. */
export function previewTop(node: GraphNode, definition: NodeDefinition | null): number {
  const rows = rowsOf(node, definition);
  const last = rows.at(-1);
  if (last === undefined) return TITLE_HEIGHT;
  return last.kind === 'preview' ? last.y : last.y + last.height + PADDING;
}

/** The middle of a socket, from the upper left corner of its node. */
export function socketPosition(node: GraphNode, definition: NodeDefinition | null, socket: Socket): Point {
  const x = socket.side === 'input' ? 0 : shownSize(node, definition)[0];
  if (isHeaderOnly(node)) return [x, TITLE_HEIGHT / 2];
  const row = rowsOf(node, definition).find((candidate) => candidate[socket.side] === socket.slot);
  return [x, row === undefined ? TITLE_HEIGHT / 2 : row.y + ROW_HEIGHT / 2];
}
