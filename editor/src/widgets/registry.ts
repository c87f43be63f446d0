/** Which control shows a widget: by its type on the wire where one was registered, else by its kind. */

import type { Widget, WidgetKind } from '../model/definition';
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
  byType.set(type, control);
  return () => {
    if (before === undefined) byType.delete(type);
    else byType.set(type, before);
  };
}

export function controlFor(widget: Widget): WidgetControl {
  const registered = byType.get(widget.type);
  if (registered !== undefined && widget.kind !== 'control' && widget.kind !== 'upload') return registered;
  if (widget.kind === 'text' && widget.multiline) return TextField;
  if (widget.kind === 'integer' && widget.hasControl) return SeedField;
  return BY_KIND[widget.kind];
}
