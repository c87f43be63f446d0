/**
 * What the extension of a node pack is given, and what it gives: the whole contract, version 1.
 *
 * A pack lays a file whose name ends in `.nodeloom.js` into its web folder. It is an ES module whose default export is
 * a `Setup`. Everything here is plain JavaScript and DOM; no framework is needed, and none is handed out.
 */

/** A JSON value; a whole number that a double cannot hold is a bigint. What the editor hands out is frozen. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | { readonly [key: string]: Value };

/** The default export of a module. What it returns, if anything, is called when the extension is switched off. */
export type Setup = (nodeloom: Nodeloom) => undefined | (() => void) | Promise<undefined | (() => void)>;

export interface Nodeloom {
  /** The number of this contract; it grows when something is taken away or means something else. */
  readonly version: 1;
  /** The name of the pack. */
  readonly pack: string;
  /** The language of the page, `en` or `zh`. */
  readonly locale: string;
  /**
   * Shows the values of a type, such as `CURVE`, by a control; an input may also name one by the option `widgetType`.
   * Inputs of a type of your own are widgets from then on. Throws for types that the editor or another pack has.
   */
  registerWidget(type: string, control: Control): void;
  /** Adds a command to the list of all commands and to the keys that can be changed in the settings. */
  registerCommand(command: ExtensionCommand): void;
  /** Adds an item to the menu of a node. */
  registerNodeMenu(item: NodeMenuItem): void;
  /** What is open now: of a workflow with subgraphs the level that is shown. A copy: nothing in it can be changed. */
  graph(): GraphView;
  readonly edit: {
    /** Sets a value as a person would: one step that can be undone. Throws where there is no such node or widget. */
    setValue(node: string, widget: string, value: Value): void;
    /** Several values of a node in one step. */
    setValues(node: string, values: { readonly [widget: string]: Value }): void;
  };
  /** Hands the open workflow in, as the button does. */
  run(): Promise<void>;
  /** Adds texts in a language, `en` or `zh`, by names of your own. */
  addTexts(locale: 'en' | 'zh', texts: { readonly [name: string]: string }): void;
  /** One of these texts in the language of the page, else in English, else the name; `{{place}}` takes a value. */
  t(name: string, values?: { readonly [place: string]: string | number }): string;
}

/** How values of a type are shown and edited. */
export interface Control {
  /** How tall the row on a node is at least, in pixels; left out: one line. */
  readonly height?: number;
  /**
   * Called once for each place where the value is shown: on the node, and beside the canvas. Fill the element, which
   * is empty; it has the name of the widget for screen readers. What is returned is called before the element goes.
   */
  mount(element: HTMLElement, handle: Handle): undefined | (() => void);
}

/** One value on the page: what it is now, and how to change it. */
export interface Handle {
  readonly node: { readonly id: string; readonly type: string; readonly title: string };
  readonly widget: {
    readonly name: string;
    readonly type: string;
    readonly label: string;
    /** What the node's author wrote beside the type. */
    readonly options: { readonly [option: string]: Value };
  };
  readonly value: Value;
  /** A link gives the value: show it, but let nobody edit it. `change` does nothing then. */
  readonly linked: boolean;
  /** What is wrong with the value, in a sentence; null for nothing. */
  readonly problem: string | null;
  readonly theme: 'dark' | 'light';
  /** Sets the value: a step that can be undone; changes that follow within half a second are one step together. */
  change(value: Value): void;
  /** Called when the value has changed, also by undo, by `change`, or in the other place. Returns what ends it. */
  onValue(listener: (value: Value) => void): () => void;
  /** Called when `linked`, `problem` or `theme` has changed. Returns what ends it. */
  onState(listener: (handle: Handle) => void): () => void;
}

export interface ExtensionCommand {
  /** Unique in the pack. */
  readonly id: string;
  /** A text, or the name of one of your texts. */
  readonly title: string;
  /** As `Ctrl+Shift+K` or `Alt+K` (Ctrl stands for ⌘ on a Mac). Keys that are taken stay with who has them. */
  readonly keys?: string;
  readonly run: () => void | Promise<void>;
}

export interface NodeMenuItem {
  readonly id: string;
  readonly title: string;
  /** Whether it can be done with this node; left out: with all. */
  readonly when?: (node: NodeView) => boolean;
  readonly run: (node: NodeView) => void | Promise<void>;
}

export interface GraphView {
  readonly nodes: readonly NodeView[];
  readonly selected: readonly string[];
}

export interface NodeView {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly position: readonly [x: number, y: number];
  readonly size: readonly [width: number, height: number];
  readonly mode: 'normal' | 'muted' | 'bypassed';
  readonly values: { readonly [widget: string]: Value };
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    /** Where the link comes from; null for none. */
    readonly from: { readonly node: string; readonly output: number } | null;
  }[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
}
