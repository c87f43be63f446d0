/** What the server says of a kind of node, in the words of the editor (`schema.ts` reads `object_info`). */

import type { Json, JsonObject } from './types';

/** How a widget is shown and edited. `control`: what happens to a seed after a run. `upload`: a button beside a choice. */
export type WidgetKind =
  | 'integer'
  | 'float'
  | 'text'
  | 'boolean'
  | 'choice'
  | 'control'
  | 'upload'
  | 'custom';

export interface Widget {
  readonly name: string;
  readonly kind: WidgetKind;
  /** The type on the wire, such as INT. */
  readonly type: string;
  readonly default: Json;
  readonly minimum: number | bigint | null;
  readonly maximum: number | bigint | null;
  readonly step: number | null;
  /** Of a float: the number of decimals that are kept and shown. */
  readonly decimals: number;
  readonly choices: readonly Json[];
  readonly multiselect: boolean;
  readonly multiline: boolean;
  readonly dynamicPrompts: boolean;
  /** Whether the value after it in a file's `widgets_values` is a control (`<name>.control`). */
  readonly hasControl: boolean;
  /** Whether a picture may be uploaded into the folder it chooses from: `image`, `video`, `audio`; null for none. */
  readonly upload: string | null;
  readonly tooltip: string;
  readonly label: string;
  readonly options: JsonObject;
  /** Of a type that only an extension knows: it is a widget since the extension said so. */
  readonly isForeign?: boolean;
  /** How tall its row is at least; left out: as usual for its kind. */
  readonly height?: number;
}

/** The types that extensions have controls for, and how tall these are. */
export type ForeignTypes = ReadonlyMap<string, { readonly height: number | null }>;

export interface InputDefinition {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** Null for a plain socket. */
  readonly widget: Widget | null;
  readonly tooltip: string;
  readonly label: string;
}

export interface OutputDefinition {
  readonly name: string;
  readonly type: string;
  readonly isList: boolean;
  readonly tooltip: string;
  /** A translation of its name. */
  readonly label?: string;
}

export interface NodeDefinition {
  readonly id: string;
  readonly displayName: string;
  /** What the server calls it, where the name that is shown is a translation of that. */
  readonly originalName?: string;
  readonly originalCategory?: string;
  readonly description: string;
  readonly category: string;
  /** Where it comes from: `nodes`, `custom_nodes.pack`. */
  readonly module: string;
  /** Other words for it, by which it is found; left out: none. */
  readonly aliases?: readonly string[];
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
  /** In the order of `widgets_values`, controls and upload buttons included. */
  readonly widgets: readonly Widget[];
  readonly terminal: boolean;
  readonly deprecated: boolean;
  readonly experimental: boolean;
}

export type Definitions = ReadonlyMap<string, NodeDefinition>;

/** The type by which the control of a widget is found: an author may name another one than travels on the wire. */
export function controlTypeOf(widget: Pick<Widget, 'type' | 'options'>): string {
  const { widgetType } = widget.options;
  return typeof widgetType === 'string' ? widgetType : widget.type;
}

const PACKS = 'custom_nodes.';

/** The pack a kind of node comes from; null for those of the program itself. */
export function packOf({ module }: Pick<NodeDefinition, 'module'>): string | null {
  if (module.startsWith(PACKS)) return module.slice(PACKS.length).split('.')[0] ?? null;
  return module === '' || module === 'nodes' || module.startsWith('nodes.') ? null : module;
}

/** The name under which the control of a seed is kept among a node's values. */
export function controlOf(widget: string): string {
  return `${widget}.control`;
}
export const CONTROLS = ['fixed', 'increment', 'decrement', 'randomize'] as const;
export type Control = (typeof CONTROLS)[number];
