/** Makes the object that a pack's extension is given; whatever it registers can be taken away again as a whole. */

import { complain } from '../app/messages';
import { run } from '../app/running';
import { refusalOf } from '../commands/combinations';
import { addCommand } from '../commands/current';
import { onlyNode } from '../commands/selected';
import { addSentences, localeNow, translated } from '../i18n';
import { setValues } from '../model/edit_nodes';
import { fitted } from '../model/fit';
import { definitionOf } from '../model/instances';
import { ROW_HEIGHT } from '../model/measures';
import type { GraphNode, Json } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../state/documents';
import { foreignWidgets, rememberForeign } from '../state/foreignWidgets';
import { registerWidget } from '../widgets/registry';
import type { Control, ExtensionCommand, Nodeloom, NodeMenuItem, Value } from './api';
import { foreignControl } from './ForeignField';
import { graphView, nodeView } from './graphView';
import { asJson } from './jsonValues';
import { changeExtension, report, useExtensions } from './store';

const MOST_HEIGHT = 600;
/** Types that the editor has controls for, or that only it gives values to. */
const OWN_TYPES: ReadonlySet<string> = new Set([
  ...['INT', 'FLOAT', 'STRING', 'BOOLEAN', 'COMBO', 'COLOR', 'CONTROL', 'IMAGEUPLOAD', '*'],
]);
export const PACK_MODULE = 'custom_nodes.';

/** What a pack has registered. */
export class Registrations {
  private readonly ends: (() => void)[] = [];
  private isOver = false;

  /** Throws for an extension that is switched off by now. */
  add(begin: () => () => void): void {
    if (this.isOver) throw new Error('This extension is switched off.');
    this.ends.push(begin());
  }

  /** Takes everything away, the latest first; `failed` hears of what cannot be. */
  end(failed: (error: unknown) => void): void {
    this.isOver = true;
    for (const end of this.ends.splice(0).reverse()) {
      try {
        end();
      } catch (error) {
        failed(error);
      }
    }
  }
}

export function nodeloomFor(pack: string, registrations: Registrations): Nodeloom {
  return Object.freeze({
    version: 1 as const,
    pack,
    get locale() {
      return localeNow();
    },
    registerWidget: (type: string, control: Control) => showWidgets(pack, registrations, type, control),
    registerCommand: (command: ExtensionCommand) => offer(pack, registrations, command, null),
    registerNodeMenu: (item: NodeMenuItem) => offerForNodes(pack, registrations, item),
    graph: graphView,
    edit: Object.freeze({
      setValue: (node: string, widget: string, value: Value) => change(node, { [widget]: value }),
      setValues: change,
    }),
    run: () => run(),
    addTexts: (locale: 'en' | 'zh', texts: Readonly<Record<string, string>>) =>
      addSentences(
        locale === 'zh' ? 'zh' : 'en',
        Object.fromEntries(Object.entries(texts).map(([name, text]) => [textKey(pack, name), String(text)])),
      ),
    t: (name: string, values: Readonly<Record<string, string | number>> = {}) =>
      translated(textKey(pack, name), { ...values, defaultValue: name }),
  });
}

function textKey(pack: string, name: string): string {
  return `extension/${pack}/${name}`;
}

// Widgets

function showWidgets(pack: string, registrations: Registrations, type: unknown, control: unknown): void {
  if (typeof type !== 'string' || type === '')
    throw new TypeError('A type of widgets is a text, such as CURVE.');
  if (!isControl(control))
    throw new TypeError(`The control for ${type} has no function mount(element, handle).`);
  const taken = takenBy(pack, type);
  if (taken !== null) throw new Error(`The type ${type} belongs to ${taken}. Give yours a name of its own.`);
  const height = heightOf(control.height);
  registrations.add(() => registerWidget(type, foreignControl(pack, control)));
  changeExtension(pack, ({ widgets }) => ({ widgets: [...new Set([...widgets, type])] }));
  if (rememberForeign(type, { pack, height })) useDefinitions.getState().reread();
}

function isControl(control: unknown): control is Control {
  return (
    typeof control === 'object' &&
    control !== null &&
    'mount' in control &&
    typeof control.mount === 'function'
  );
}

function heightOf(height: number | undefined): number | null {
  if (height === undefined || !Number.isFinite(height)) return null;
  return Math.max(ROW_HEIGHT, Math.min(MOST_HEIGHT, Math.ceil(height)));
}

/** Whose type it is: another pack's, or one that travels between nodes that are no pack's. */
function takenBy(pack: string, type: string): string | null {
  if (OWN_TYPES.has(type)) return 'the editor';
  const other = useExtensions
    .getState()
    .extensions.find((each) => each.pack !== pack && each.widgets.includes(type));
  if (other !== undefined) return other.pack;
  const remembered = foreignWidgets().get(type)?.pack ?? pack;
  const isThere = useExtensions.getState().extensions.some((each) => each.pack === remembered);
  if (remembered !== pack && isThere) return remembered;
  for (const { module, outputs, displayName } of useDefinitions.getState().definitions.values()) {
    const isOwn = !module.startsWith(PACK_MODULE);
    if (isOwn && outputs.some((output) => output.type.split(',').includes(type)))
      return `the node ${displayName}`;
  }
  return null;
}

// Commands

function offer(
  pack: string,
  registrations: Registrations,
  { id, title, keys, run: act }: ExtensionCommand,
  ofNode: { readonly when: () => boolean } | null,
): void {
  if (typeof id !== 'string' || id === '') throw new TypeError('A command needs an id.');
  if (typeof title !== 'string' || title === '') throw new TypeError(`The command ${id} needs a title.`);
  if (typeof act !== 'function') throw new TypeError(`The command ${id} needs a function run().`);
  const name = textKey(pack, title);
  if (translated(name, { defaultValue: '' }) === '') addSentences('en', { [name]: title });
  const command = {
    id: `extension.${pack}.${id}`,
    title: name,
    group: 'extensions' as const,
    keys: keysOf(id, keys),
    run: () => acted(pack, name, act),
    ...(ofNode === null ? {} : { when: ofNode.when }),
  };
  registrations.add(() => addCommand(command, ofNode === null ? null : 'node'));
  changeExtension(pack, ({ commands }) => ({ commands: commands + 1 }));
}

/** Ctrl stands for the key that commands have on this machine. */
function keysOf(id: string, keys: string | undefined): readonly string[] {
  if (keys === undefined || keys === '') return [];
  const parts = keys.split('+').map((part) => (/^(?:ctrl|cmd|mod|\$mod)$/iu.test(part) ? '$mod' : part));
  const last = parts.at(-1) ?? '';
  const hasAlt = parts.includes('Alt') && /^[a-z]$/iu.test(last);
  const written = [
    ...parts.slice(0, -1),
    hasAlt ? `Key${last.toUpperCase()}` : last.length === 1 ? last.toLowerCase() : last,
  ];
  const combination = written.join('+');
  if (refusalOf(combination) !== null) throw new Error(`The command ${id} cannot have the keys ${keys}.`);
  return [combination];
}

async function acted(pack: string, name: string, act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    report(pack, error);
    complain('extensions.commandFailed', error, { pack, command: translated(name) });
  }
}

function offerForNodes(
  pack: string,
  registrations: Registrations,
  { id, title, when, run: act }: NodeMenuItem,
): void {
  if (typeof act !== 'function') throw new TypeError(`The menu item ${id} needs a function run(node).`);
  const chosen = (): ReturnType<typeof nodeView> | null => {
    const node = onlyNode();
    return node === null ? null : nodeView(innerOf(activeDocument()), node);
  };
  const isPossible = (): boolean => {
    const node = chosen();
    try {
      return node !== null && (when === undefined || when(node));
    } catch (error) {
      report(pack, error);
      return false;
    }
  };
  const command: ExtensionCommand = {
    id,
    title,
    run: () => {
      const node = chosen();
      return node === null ? undefined : act(node);
    },
  };
  offer(pack, registrations, command, { when: isPossible });
}

// Edits

function change(id: string, values: Readonly<Record<string, Value>>): void {
  const graph = innerOf(activeDocument());
  const node = graph.nodes.get(id);
  if (node === undefined) throw new Error(`There is no node ${id}.`);
  const read = new Map(Object.entries(values).map(([name, value]) => [name, taken(node, name, value)]));
  useDocuments.getState().edit('step.value', (inner) => setValues(inner, new Map([[id, read]])));
}

function taken(node: GraphNode, name: string, value: Value): Json {
  const { definitions } = useDefinitions.getState();
  const definition = definitionOf(innerOf(activeDocument()), node, definitions);
  const widget = definition?.widgets.find((each) => each.name === name);
  if (widget === undefined) throw new Error(`The node ${node.id} has no widget ${name}.`);
  return fitted(widget, asJson(value));
}
