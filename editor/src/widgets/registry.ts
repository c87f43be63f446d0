/** Which control shows a widget: by its type where one was registered, else by its kind. */

import { useSyncExternalStore } from 'react';
import { controlTypeOf, type Widget, type WidgetKind } from '../model/definition';
import { BooleanField } from './BooleanField';
import { ChoiceField } from './ChoiceField';
import { ColourField } from './ColourField';
import { ControlField } from './ControlField';
import { CustomField } from './CustomField';
import { NumberField } from './NumberField';
import { SeedField } from './SeedField';
import { LineField, TextField } from './TextField';
import type { WidgetControl } from './types';
import { UploadField } from './UploadField';

const byType = new Map<string, WidgetControl>([['COLOR', ColourField]]);
const listeners = new Set<() => void>();

const BY_KIND: Readonly<Record<WidgetKind, WidgetControl>> = {
  integer: NumberField,
  float: NumberField,
  text: LineField,
  boolean: BooleanField,
  choice: ChoiceField,
  control: ControlField,
  upload: UploadField,
  custom: CustomField,
};

/** Let a control show all widgets of a type, such as one of a pack; the answer takes it away again. */
export function registerWidget(type: string, control: WidgetControl): () => void {
  const before = byType.get(type);
  put(type, control);
  return () => {
    if (byType.get(type) === control) put(type, before);
  };
}

function put(type: string, control: WidgetControl | undefined): void {
  if (control === undefined) byType.delete(type);
  else byType.set(type, control);
  for (const listener of [...listeners]) listener();
}

export function controlFor(widget: Widget): WidgetControl {
  const registered = byType.get(controlTypeOf(widget));
  if (registered !== undefined && widget.kind !== 'control' && widget.kind !== 'upload') return registered;
  if (widget.kind === 'text' && widget.multiline) return TextField;
  if (widget.kind === 'integer' && widget.hasControl) return SeedField;
  return BY_KIND[widget.kind];
}

/** The same for what is shown: it changes when a control is registered or taken away. */
export function useControlFor(widget: Widget): WidgetControl {
  return useSyncExternalStore(listen, () => controlFor(widget));
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
