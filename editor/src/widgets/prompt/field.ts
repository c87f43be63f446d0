/** A prompt field as its helps see it. */

import type { Widget } from '../../model/definition';
import type { GraphNode } from '../../model/types';

export interface PromptField {
  readonly area: HTMLTextAreaElement;
  /** For what describes the field: its id begins with this. */
  readonly id: string;
  readonly node: GraphNode;
  readonly widget: Widget;
  readonly text: string;
  /** Write another text, and select a stretch of it. */
  readonly put: (text: string, start: number, end: number) => void;
  /** Put the cursor there once the text is another one. */
  readonly moveTo: (at: number) => void;
}

/** The id of the line that tells the number of tokens. */
export function statusId(id: string): string {
  return `${id}-tokens`;
}
