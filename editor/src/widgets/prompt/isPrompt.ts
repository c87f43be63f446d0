/** Which text fields hold prompts. */

import type { Widget } from '../../model/definition';
import type { GraphNode } from '../../model/types';

/** Text of several lines in which choices are made, or that goes into a text encoder beside it. */
export function isPrompt(node: GraphNode, widget: Widget): boolean {
  if (widget.kind !== 'text' || !widget.multiline) return false;
  return widget.dynamicPrompts || node.inputs.some((input) => input.type === 'CLIP');
}
