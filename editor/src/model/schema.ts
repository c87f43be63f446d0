/** Definitions of nodes as the server tells them (`object_info`), in the words of the editor. */

import { isList, isObject, listIn, member, numberOf, objectIn, textIn } from './access';
import type {
  Definitions,
  ForeignTypes,
  InputDefinition,
  NodeDefinition,
  OutputDefinition,
  Widget,
  WidgetKind,
} from './definition';
import { CONTROLS, controlOf, controlTypeOf } from './definition';
import type { Json, JsonObject } from './types';

export { fitted, initialValue } from './fit';

const KINDS: Readonly<Record<string, WidgetKind>> = {
  INT: 'integer',
  FLOAT: 'float',
  STRING: 'text',
  BOOLEAN: 'boolean',
  COMBO: 'choice',
  COLOR: 'custom',
};
const SEEDS: readonly string[] = ['seed', 'noise_seed'];
const UPLOADS: readonly (readonly [option: string, kind: string])[] = [
  ['image_upload', 'image'],
  ['video_upload', 'video'],
  ['audio_upload', 'audio'],
  ['file_upload', 'file'],
];
const DEFAULT_DECIMALS = 3;
const MOST_DECIMALS = 9;

interface Spec {
  readonly name: string;
  readonly type: string;
  readonly choices: readonly Json[];
  readonly options: JsonObject;
}

function specOf(name: string, raw: Json | undefined): Spec | null {
  const [first, second] = isList(raw) ? raw : [raw];
  const options = isObject(second) ? second : {};
  if (isList(first)) return { name, type: 'COMBO', choices: first, options };
  if (typeof first !== 'string') return null;
  return { name, type: first, choices: listIn(options, 'options'), options };
}

function knownKind(type: string): WidgetKind | null {
  return Object.hasOwn(KINDS, type) ? (KINDS[type] ?? null) : null;
}

/** How an input is edited, null for one that only takes links. */
function kindOf(spec: Spec, foreign: ForeignTypes): WidgetKind | null {
  if (spec.options.forceInput === true) return null;
  const shown = controlTypeOf(spec);
  return knownKind(shown) ?? knownKind(spec.type) ?? (foreign.has(shown) ? 'custom' : null);
}

function decimalsOf(step: number): number {
  if (!(step > 0)) return DEFAULT_DECIMALS;
  let decimals = 0;
  for (
    let scaled = step;
    decimals < MOST_DECIMALS && Math.abs(scaled - Math.round(scaled)) > 1e-9;
    decimals += 1
  ) {
    scaled = step * 10 ** (decimals + 1);
  }
  return decimals;
}

function decimalsShown(options: JsonObject): number {
  const finest = numberOf(options.step) ?? numberOf(options.round);
  return finest === null ? DEFAULT_DECIMALS : decimalsOf(finest);
}

function startOf(kind: WidgetKind, spec: Spec): Json {
  const { choices, options } = spec;
  const told = member(options, 'default');
  if (kind === 'choice') return told ?? (options.multiselect === true ? [] : (choices[0] ?? ''));
  if (told !== undefined && told !== null) return told;
  if (kind === 'custom' && knownKind(controlTypeOf(spec)) === null) return null;
  if (kind === 'integer' || kind === 'float') return numeric(options.min) ?? 0;
  return kind === 'boolean' ? false : '';
}

function numeric(value: Json | undefined): number | bigint | null {
  return typeof value === 'bigint' ? value : numberOf(value);
}

function hasControl(kind: WidgetKind, { name, options }: Spec): boolean {
  const told = member(options, 'control_after_generate');
  if (told !== undefined && told !== null) return told !== false;
  return kind === 'integer' && SEEDS.includes(name);
}

function uploadOf(options: JsonObject): string | null {
  return UPLOADS.find(([option]) => options[option] === true)?.[1] ?? null;
}

function widgetOf(kind: WidgetKind, spec: Spec): Widget {
  const { name, type, choices, options } = spec;
  return {
    name,
    kind,
    type,
    default: startOf(kind, spec),
    minimum: numeric(options.min),
    maximum: numeric(options.max),
    step: numberOf(options.step),
    decimals: kind === 'float' ? decimalsShown(options) : 0,
    choices,
    multiselect: options.multiselect === true || isObject(options.multi_select),
    multiline: kind === 'text' && options.multiline === true,
    dynamicPrompts: options.dynamicPrompts === true,
    hasControl: hasControl(kind, spec),
    upload: uploadOf(options),
    tooltip: textIn(options, 'tooltip'),
    label: textIn(options, 'display_name', name),
    options,
  };
}

function plainWidget(name: string, kind: WidgetKind, type: string, start: Json): Widget {
  const spec = { name, type, choices: kind === 'control' ? CONTROLS : [], options: {} };
  return { ...widgetOf(kind, spec), default: start, hasControl: false };
}

function controlAfter(widget: Widget): Widget {
  const told = widget.options.control_after_generate;
  return plainWidget(
    controlOf(widget.name),
    'control',
    'CONTROL',
    CONTROLS.find((control) => control === told) ?? 'randomize',
  );
}

/** Controls stand after their seeds, the upload button after everything. */
function widgetsOf(inputs: readonly InputDefinition[]): readonly Widget[] {
  const widgets: Widget[] = [];
  for (const { widget } of inputs) {
    if (widget === null) continue;
    widgets.push(widget);
    if (widget.hasControl) widgets.push(controlAfter(widget));
  }
  const upload = widgets.find((widget) => widget.upload !== null)?.upload ?? null;
  if (upload !== null) widgets.push(plainWidget('upload', 'upload', 'IMAGEUPLOAD', upload));
  return widgets;
}

function withForeign(widget: Widget, foreign: ForeignTypes): Widget {
  const found = foreign.get(controlTypeOf(widget));
  if (found === undefined) return widget;
  const isForeign = knownKind(controlTypeOf(widget)) === null && knownKind(widget.type) === null;
  return {
    ...widget,
    ...(isForeign ? { isForeign } : {}),
    ...(found.height === null ? {} : { height: found.height }),
  };
}

function inputOf(
  name: string,
  raw: Json | undefined,
  optional: boolean,
  foreign: ForeignTypes,
): InputDefinition | null {
  const spec = specOf(name, raw);
  if (spec === null) return null;
  const kind = kindOf(spec, foreign);
  return {
    name,
    type: spec.type,
    optional,
    widget: kind === null ? null : withForeign(widgetOf(kind, spec), foreign),
    tooltip: textIn(spec.options, 'tooltip'),
    label: textIn(spec.options, 'display_name', name),
  };
}

/** In the order the server tells, as JSON objects do not keep the order of names that are numbers. */
function inputsOf(
  info: JsonObject,
  section: 'required' | 'optional',
  foreign: ForeignTypes,
): InputDefinition[] {
  const inputs = objectIn(objectIn(info, 'input'), section);
  const told = listIn(objectIn(info, 'input_order'), section);
  const ordered = told.filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(inputs, name),
  );
  const names = new Set([...ordered, ...Object.keys(inputs)]);
  return [...names].flatMap((name) => inputOf(name, inputs[name], section === 'optional', foreign) ?? []);
}

function outputsOf(info: JsonObject): readonly OutputDefinition[] {
  const [names, lists] = [listIn(info, 'output_name'), listIn(info, 'output_is_list')];
  const tooltips = listIn(info, 'output_tooltips');
  return listIn(info, 'output').map((raw, at): OutputDefinition => {
    const type = typeof raw === 'string' ? raw : 'COMBO';
    const [name, tooltip] = [names[at], tooltips[at]];
    return {
      name: typeof name === 'string' && name !== '' ? name : type,
      type,
      isList: lists[at] === true,
      tooltip: typeof tooltip === 'string' ? tooltip : '',
    };
  });
}

function aliasesIn(info: JsonObject): Pick<NodeDefinition, 'aliases'> {
  const aliases = listIn(info, 'search_aliases').filter((each) => typeof each === 'string');
  return aliases.length === 0 ? {} : { aliases };
}

function definitionOf(id: string, info: JsonObject, foreign: ForeignTypes): NodeDefinition {
  const inputs = [...inputsOf(info, 'required', foreign), ...inputsOf(info, 'optional', foreign)];
  return {
    id,
    displayName: textIn(info, 'display_name') || id,
    description: textIn(info, 'description'),
    category: textIn(info, 'category'),
    module: textIn(info, 'python_module'),
    ...aliasesIn(info),
    inputs,
    outputs: outputsOf(info),
    widgets: widgetsOf(inputs),
    terminal: info.output_node === true,
    deprecated: info.deprecated === true,
    experimental: info.experimental === true,
  };
}

const NO_FOREIGN: ForeignTypes = new Map();

/** All kinds of nodes of a server; an entry that is no description of a node is left out. */
export function readDefinitions(info: Json, foreign: ForeignTypes = NO_FOREIGN): Definitions {
  const definitions = new Map<string, NodeDefinition>();
  if (!isObject(info)) return definitions;
  for (const [id, entry] of Object.entries(info)) {
    if (isObject(entry) && isObject(entry.input ?? {})) definitions.set(id, definitionOf(id, entry, foreign));
  }
  return definitions;
}
