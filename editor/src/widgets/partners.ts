/** What a socket may be connected to, as entries of a list. */

import { whyNot } from '../model/connect';
import type { Json, Socket } from '../model/types';
import type { Choice } from './choices';
import { flowNodes } from './flowNodes';
import { fullSocketName, type Named } from './nodeNames';

/** Sockets as they stand in a list's values: node, slot and side. */
export function socketValue({ node, slot, side }: Socket): Json {
  return `${side} ${slot} ${node}`;
}

export function socketOf(value: Json): Socket | null {
  const match = typeof value === 'string' ? /^(input|output) (\d+) (.+)$/su.exec(value) : null;
  if (match === null) return null;
  return { side: match[1] === 'input' ? 'input' : 'output', slot: Number(match[2]), node: match[3] ?? '' };
}

function socketsOn(named: Named, side: Socket['side']): readonly Socket[] {
  return flowNodes(named.graph).flatMap((node) =>
    (side === 'input' ? node.inputs : node.outputs).map((_, slot): Socket => ({ node: node.id, slot, side })),
  );
}

function asChoice(named: Named, socket: Socket): Choice {
  return { value: socketValue(socket), text: fullSocketName(named, socket), isMissing: false };
}

/** Every socket that a link from this one may end at. */
export function partnersOf(named: Named, socket: Socket): readonly Choice[] {
  return socketsOn(named, socket.side === 'input' ? 'output' : 'input')
    .filter((other) => whyNot(named.graph, socket, other) === null)
    .map((other) => asChoice(named, other));
}

/** All outputs, to begin a link at. */
export function allOutputs(named: Named): readonly Choice[] {
  return socketsOn(named, 'output').map((socket) => asChoice(named, socket));
}
