/** Frames of the websocket as events: text frames are JSON, binary ones are previews and texts of nodes. */

import * as v from 'valibot';
import { parseJson } from '../model/json';
import { type RunEvent, readRunEvent } from './runEvents';

export type SocketEvent =
  | { readonly kind: 'status'; readonly remaining: number | null; readonly clientId: string | null }
  /** `sequence`: its number in the log of the run; 0 for what is told live only, null where the server does not say. */
  | { readonly kind: 'run'; readonly event: RunEvent; readonly sequence: number | null }
  /** Of older servers a preview comes without the node and run it is of. */
  | {
      readonly kind: 'preview';
      readonly run: string | null;
      readonly node: string | null;
      readonly image: Blob;
    }
  | { readonly kind: 'text'; readonly node: string; readonly text: string }
  | { readonly kind: 'other'; readonly type: string };

const frame = v.object({ type: v.string(), data: v.optional(v.unknown()), seq: v.optional(v.number()) });
const status = v.object({
  status: v.optional(
    v.object({ exec_info: v.optional(v.object({ queue_remaining: v.optional(v.number()) })) }),
  ),
  sid: v.optional(v.string()),
});
const about = v.object({
  node_id: v.string(),
  display_node_id: v.optional(v.nullable(v.string())),
  prompt_id: v.optional(v.nullable(v.string())),
  image_type: v.optional(v.string(), 'image/jpeg'),
});

const PREVIEW = 1;
const NODE_TEXT = 3;
const PREVIEW_WITH_METADATA = 4;
const OLD_PICTURES: Readonly<Record<number, string>> = { 1: 'image/jpeg', 2: 'image/png' };
const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp']);
/** Whole numbers that a double may not hold; only then the slower reader is needed. */
const LONG_NUMBER = /[0-9]{16}/;

/** Null for what makes no sense. */
export function readFrame(data: unknown): SocketEvent | null {
  if (typeof data === 'string') return readText(data);
  return data instanceof ArrayBuffer ? readBinary(data) : null;
}

function readText(text: string): SocketEvent | null {
  let json: unknown;
  try {
    json = LONG_NUMBER.test(text) ? parseJson(text) : JSON.parse(text);
  } catch {
    return null;
  }
  const found = v.safeParse(frame, json);
  if (!found.success) return null;
  const { type, data, seq } = found.output;
  if (type === 'status') return readStatus(data);
  const event = readRunEvent(type, data);
  return event === null ? { kind: 'other', type } : { kind: 'run', event, sequence: seq ?? null };
}

function readStatus(data: unknown): SocketEvent | null {
  const found = v.safeParse(status, data);
  if (!found.success) return null;
  const remaining = found.output.status?.exec_info?.queue_remaining ?? null;
  return { kind: 'status', remaining, clientId: found.output.sid ?? null };
}

function readBinary(buffer: ArrayBuffer): SocketEvent | null {
  if (buffer.byteLength < 8) return null;
  const view = new DataView(buffer);
  switch (view.getUint32(0)) {
    case PREVIEW:
      return picture(OLD_PICTURES[view.getUint32(4)], buffer.slice(8), null, null);
    case NODE_TEXT:
      return nodeText(buffer, view.getUint32(4));
    case PREVIEW_WITH_METADATA:
      return pictureWithMetadata(buffer, view.getUint32(4));
    default:
      return null;
  }
}

function nodeText(buffer: ArrayBuffer, length: number): SocketEvent | null {
  if (8 + length > buffer.byteLength) return null;
  const decoder = new TextDecoder();
  const node = decoder.decode(buffer.slice(8, 8 + length));
  return { kind: 'text', node, text: decoder.decode(buffer.slice(8 + length)) };
}

function pictureWithMetadata(buffer: ArrayBuffer, length: number): SocketEvent | null {
  if (8 + length > buffer.byteLength) return null;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(buffer.slice(8, 8 + length)));
  } catch {
    return null;
  }
  const found = v.safeParse(about, json);
  if (!found.success) return null;
  const { node_id, display_node_id, prompt_id, image_type } = found.output;
  return picture(image_type, buffer.slice(8 + length), prompt_id ?? null, display_node_id ?? node_id);
}

function picture(
  type: string | undefined,
  bytes: ArrayBuffer,
  run: string | null,
  node: string | null,
): SocketEvent | null {
  if (type === undefined || !PICTURES.has(type)) return null;
  return { kind: 'preview', run, node, image: new Blob([bytes], { type }) };
}
