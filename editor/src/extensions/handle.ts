/** The handle of one shown value: what the control of an extension reads and changes. */

import type { Widget } from '../model/definition';
import { fitted } from '../model/fit';
import { sameJson } from '../model/json';
import type { GraphNode, Json } from '../model/types';
import type { Handle, Value } from './api';
import { asJson, frozen } from './jsonValues';

export interface Shown {
  readonly value: Json;
  readonly linked: boolean;
  readonly problem: string | null;
  readonly theme: 'dark' | 'light';
}

export interface HandleOptions {
  readonly node: GraphNode;
  readonly title: string;
  readonly widget: Widget;
  readonly shown: Shown;
  readonly change: (value: Json) => void;
  /** Called with what a listener throws. */
  readonly failed: (error: unknown) => void;
}

export interface LiveHandle {
  readonly outer: Handle;
  /** What is shown now; tells the listeners what of it is new. */
  update(shown: Shown): void;
  close(): void;
}

type Listener = () => void;

export function liveHandle({ node, title, widget, shown: first, change, failed }: HandleOptions): LiveHandle {
  let shown = first;
  let isClosed = false;
  let isTelling = false;
  const ofValue = new Set<Listener>();
  const ofState = new Set<Listener>();
  const tell = (listeners: ReadonlySet<Listener>): void => {
    isTelling = true;
    try {
      for (const listener of [...listeners]) listener();
    } catch (error) {
      failed(error);
    } finally {
      isTelling = false;
    }
  };
  const listen = (listeners: Set<Listener>, listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const outer: Handle = Object.freeze({
    node: Object.freeze({ id: node.id, type: node.type, title }),
    widget: Object.freeze({
      name: widget.name,
      type: widget.type,
      label: widget.label,
      options: frozen(widget.options) as Handle['widget']['options'],
    }),
    get value() {
      return frozen(shown.value);
    },
    get linked() {
      return shown.linked;
    },
    get problem() {
      return shown.problem;
    },
    get theme() {
      return shown.theme;
    },
    change: (value: Value) => {
      if (isTelling) throw new Error('A listener must not change the value that it is told of.');
      const next = fitted(widget, asJson(value));
      if (!isClosed && !shown.linked && !sameJson(next, shown.value)) change(next);
    },
    onValue: (listener: (value: Value) => void) => listen(ofValue, () => listener(frozen(shown.value))),
    onState: (listener: (handle: Handle) => void) => listen(ofState, () => listener(outer)),
  });
  return {
    outer,
    update: (next) => {
      const before = shown;
      shown = next;
      if (isClosed) return;
      if (!sameJson(before.value, next.value)) tell(ofValue);
      const isSame =
        before.linked === next.linked && before.problem === next.problem && before.theme === next.theme;
      if (!isSame) tell(ofState);
    },
    close: () => {
      isClosed = true;
      ofValue.clear();
      ofState.clear();
    },
  };
}
