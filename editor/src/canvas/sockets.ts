/** What a socket is called and looks like, from the node and its definition. */

import type { NodeData } from './flow';

export interface SocketLook {
  readonly type: string;
  readonly name: string;
  readonly tooltip: string;
  readonly shape: 'plain' | 'optional' | 'list' | 'any';
}

function labelOf(extra: { readonly [key: string]: unknown }): string | null {
  const label = extra.label;
  return typeof label === 'string' && label !== '' ? label : null;
}

export function inputLook({ node, definition }: NodeData, slot: number): SocketLook {
  const input = node.inputs[slot];
  const name = input?.name ?? '';
  const type = input?.type ?? '*';
  const known = definition?.inputs.find((each) => each.name === name);
  const shape = type === '*' ? 'any' : known?.optional === true ? 'optional' : 'plain';
  return {
    type,
    name: labelOf(input?.extra ?? {}) ?? (known?.label || name),
    tooltip: known?.tooltip ?? '',
    shape,
  };
}

export function outputLook({ node, definition }: NodeData, slot: number): SocketLook {
  const output = node.outputs[slot];
  const type = output?.type ?? '*';
  const known = definition?.outputs[slot];
  const shape = type === '*' ? 'any' : known?.isList === true ? 'list' : 'plain';
  return {
    type,
    name:
      labelOf(output?.extra ?? {}) ??
      (known?.name === output?.name ? known?.label : undefined) ??
      output?.name ??
      '',
    tooltip: known?.tooltip ?? '',
    shape,
  };
}
