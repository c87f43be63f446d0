/**
 * What a workflow is to the editor: values that are never changed, only replaced.
 *
 * Nothing here knows of React or of a page. Every edit is a function from a graph to a graph (`edit.ts`), files are read
 * and written in `serialize.ts`, what is sent to the server is made in `prompt.ts`.
 */

/** A JSON value; a whole number that a double cannot hold is a bigint, so that no seed is ever rounded. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** As in files; a number there is its decimal text here. */
export type NodeId = string;
export type LinkId = number;
export type RerouteId = number;
export type GroupId = number;
export type Point = readonly [x: number, y: number];
export type Size = readonly [width: number, height: number];

/** 0 normal, 2 muted, 4 bypassed; 1 and 3 run normally and are kept. */
export type Mode = 0 | 1 | 2 | 3 | 4;
export const NORMAL = 0;
export const MUTED = 2;
export const BYPASSED = 4;

/** A socket that takes a link. `widget`: the name of the widget it belongs to, null for a plain socket. */
export interface Input {
  readonly name: string;
  readonly type: string;
  readonly widget: string | null;
  /** What else the file said, kept for writing it back. */
  readonly extra: JsonObject;
}

export interface Output {
  readonly name: string;
  readonly type: string;
  readonly extra: JsonObject;
}

export interface GraphNode {
  readonly id: NodeId;
  /** The class of node on the server, the id of a subgraph, or one of the editor's own (`Note`, `MarkdownNote`, `Reroute`, `PrimitiveNode`). */
  readonly type: string;
  /** Null: the name of the type is shown. */
  readonly title: string | null;
  readonly pos: Point;
  readonly size: Size;
  readonly mode: Mode;
  readonly collapsed: boolean;
  readonly color: string | null;
  readonly bgcolor: string | null;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  /** By widget name, where the definition is known; the control after a seed stands under `<seed name>.control`. */
  readonly values: ReadonlyMap<string, Json>;
  /** `widgets_values` as the file had them; what a node of unknown type is written back with. */
  readonly stored: Json;
  readonly properties: JsonObject;
  readonly extra: JsonObject;
}

export interface Link {
  readonly id: LinkId;
  readonly source: NodeId;
  readonly sourceSlot: number;
  readonly target: NodeId;
  readonly targetSlot: number;
  readonly type: string;
  /** The reroute nearest to the target, null for none. */
  readonly reroute: RerouteId | null;
  readonly extra: JsonObject;
}

/** A point that links pass through; no node, and not part of what is run. `parent` lies nearer to the source. */
export interface Reroute {
  readonly id: RerouteId;
  readonly pos: Point;
  readonly parent: RerouteId | null;
  readonly extra: JsonObject;
}

export interface Group {
  readonly id: GroupId;
  readonly title: string;
  readonly pos: Point;
  readonly size: Size;
  readonly color: string | null;
  readonly extra: JsonObject;
}

/** An input or output of a subgraph as a whole. Inside, links begin at node "-10" (inputs) and end at "-20" (outputs). */
export interface Boundary {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly label: string | null;
  readonly extra: JsonObject;
}

export const SUBGRAPH_INPUTS: NodeId = '-10';
export const SUBGRAPH_OUTPUTS: NodeId = '-20';

export interface Subgraph {
  readonly id: string;
  readonly name: string;
  readonly inputs: readonly Boundary[];
  readonly outputs: readonly Boundary[];
  readonly body: Body;
  readonly extra: JsonObject;
}

/** Nodes, links and what lies around them: of a workflow or of a subgraph. */
export interface Body {
  /** In the order of the file. */
  readonly nodes: ReadonlyMap<NodeId, GraphNode>;
  readonly links: ReadonlyMap<LinkId, Link>;
  readonly reroutes: ReadonlyMap<RerouteId, Reroute>;
  readonly groups: readonly Group[];
}

export interface Graph extends Body {
  readonly subgraphs: ReadonlyMap<string, Subgraph>;
  readonly lastNodeId: number;
  readonly lastLinkId: number;
  /** Which format it came in and is written as. */
  readonly version: '0.4' | '1';
  readonly extra: JsonObject;
}

/** One end of a link. */
export interface Socket {
  readonly node: NodeId;
  readonly slot: number;
  readonly side: 'input' | 'output';
}

export const EMPTY_GRAPH: Graph = {
  nodes: new Map(),
  links: new Map(),
  reroutes: new Map(),
  groups: [],
  subgraphs: new Map(),
  lastNodeId: 0,
  lastLinkId: 0,
  version: '0.4',
  extra: {},
};
