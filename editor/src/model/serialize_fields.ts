/** Fields of objects in files: what cannot be written back as it was read is kept beside the value. */

import { isList, isNumeric, isObject, sameJson, wholeNumber } from './json';
import type { Json, JsonObject, Mode, NodeId, Point } from './types';

/** How a field is read and written; undefined is a field that is not there. */
export interface Codec<Value> {
  readonly read: (json: Json | undefined) => Value;
  readonly write: (value: Value) => Json | undefined;
}

/** Takes an object of a file apart; what was not taken is left in `rest`. */
export class Fields {
  private readonly left: Record<string, Json>;

  constructor(private readonly raw: JsonObject) {
    this.left = { ...raw };
  }

  take<Value>(key: string, codec: Codec<Value>): Value {
    const value = codec.read(this.raw[key]);
    if (key in this.left && sameJson(codec.write(value), this.raw[key])) delete this.left[key];
    return value;
  }

  /** The field, whatever it is. */
  drop(key: string): Json | undefined {
    delete this.left[key];
    return this.raw[key];
  }

  get rest(): JsonObject {
    return this.left;
  }
}

/** Puts an object for a file together; a field keeps its odd form in `extra` as long as it means the same. */
export class Written {
  private readonly made = new Map<string, Json>();
  private readonly known = new Set<string>();

  constructor(private readonly extra: JsonObject) {}

  put<Value>(key: string, codec: Codec<Value>, value: Value): this {
    const written = codec.write(value);
    const old = this.extra[key];
    const means = key in this.extra && sameJson(codec.write(codec.read(old)), written);
    return this.set(key, means ? old : written);
  }

  set(key: string, json: Json | undefined): this {
    this.known.add(key);
    if (json !== undefined) this.made.set(key, json);
    return this;
  }

  /** Everything that was put, then what else the file said. */
  object(): JsonObject {
    for (const [key, json] of Object.entries(this.extra)) if (!this.known.has(key)) this.made.set(key, json);
    return Object.fromEntries(this.made);
  }
}

export const NODE_ID: Codec<NodeId> = {
  read: (json) => (typeof json === 'string' || isNumeric(json) ? String(json) : ''),
  write: (id) => (/^(0|-?[1-9]\d*)$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id),
};

export const COUNT: Codec<number> = { read: (json) => wholeNumber(json) ?? 0, write: (count) => count };

/** A reference to something that may not be there. */
export const REFERENCE: Codec<number | null> = {
  read: (json) => wholeNumber(json) ?? null,
  write: (id) => id ?? undefined,
};

export const TEXT: Codec<string> = {
  read: (json) => (typeof json === 'string' ? json : ''),
  write: (text) => text,
};

export const TEXT_OR_NONE: Codec<string | null> = {
  read: (json) => (typeof json === 'string' ? json : null),
  write: (text) => text ?? undefined,
};

function typeName(json: Json | undefined): string {
  if (typeof json === 'string') return json;
  return isList(json) ? 'COMBO' : '*';
}

/** The type of a socket or a link; old files have numbers and lists of choices there. */
export const TYPE: Codec<string> = { read: typeName, write: (type) => type };

export const OBJECT: Codec<JsonObject> = {
  read: (json) => (isObject(json) ? json : {}),
  write: (object) => object,
};

function isMode(value: Json | undefined): value is Mode {
  return value === 0 || value === 1 || value === 2 || value === 3 || value === 4;
}

export const MODE: Codec<Mode> = { read: (json) => (isMode(json) ? json : 0), write: (mode) => mode };

export const COLLAPSED: Codec<boolean> = {
  read: (json) => isObject(json) && json.collapsed === true,
  write: (collapsed) => (collapsed ? { collapsed } : {}),
};

/** The name in `widget: {name}`. */
export const WIDGET_NAME: Codec<string | null> = {
  read: (json) => (isObject(json) && typeof json.name === 'string' ? json.name : null),
  write: (name) => (name === null ? undefined : { name }),
};

function finite(json: Json | undefined): number | null {
  if (!isNumeric(json) && typeof json !== 'string') return null;
  const number = Number(json);
  return Number.isFinite(number) && json !== '' ? number : null;
}

/** Two numbers; some files have them as an object with the keys "0" and "1". */
export function pair(fallback: Point): Codec<Point> {
  return {
    read: (json) => {
      const [x, y] = isList(json) ? json : isObject(json) ? [json['0'], json['1']] : [];
      return [finite(x) ?? fallback[0], finite(y) ?? fallback[1]];
    },
    write: ([x, y]) => [x, y],
  };
}

/** Four numbers: where a group lies and how large it is. */
export const BOUNDING: Codec<readonly [x: number, y: number, width: number, height: number]> = {
  read: (json) => {
    const [x, y, width, height] = isList(json) ? json : [];
    return [finite(x) ?? 0, finite(y) ?? 0, finite(width) ?? 140, finite(height) ?? 80];
  },
  write: (bounding) => [...bounding],
};
