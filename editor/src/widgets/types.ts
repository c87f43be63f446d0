/** What every control of a widget is given. */

import type { ComponentType } from 'react';
import type { Widget } from '../model/definition';
import type { GraphNode, Json } from '../model/types';

export interface WidgetProps {
  readonly node: GraphNode;
  readonly widget: Widget;
  readonly value: Json;
  readonly onChange: (value: Json) => void;
  /** A link gives the value: it is shown but cannot be edited. */
  readonly linked: boolean;
  /** What is wrong with the value, in a sentence; null for nothing. */
  readonly problem: string | null;
}

export interface ControlProps extends WidgetProps {
  /** For the native element that takes the value; the visible label points at it. */
  readonly id: string;
  /** The id of the visible label. */
  readonly labelId: string;
  /** The id of a text with tooltip, problem and state, for `aria-describedby`. */
  readonly descriptionId: string;
}

export type WidgetControl = ComponentType<ControlProps>;
