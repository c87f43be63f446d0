/** Text while it is being typed, which an update that comes late or back must not overwrite. */

import { useState } from 'react';

interface State {
  /** Null while nobody types: the value itself is shown. */
  readonly draft: string | null;
  /** What was handed on and has not come back as the value yet. */
  readonly pending: readonly string[];
  readonly seen: string;
}

export interface Draft {
  readonly text: string;
  readonly isTyping: boolean;
  /** Show this; `sent`: the value it will come back as, null where it was not handed on. */
  readonly type: (text: string, sent: string | null) => void;
  /** Show the value again. */
  readonly end: () => void;
}

/** A value that changes to what nobody typed here, such as by undo, ends the draft. */
export function useDraft(value: string): Draft {
  const [state, setState] = useState<State>({ draft: null, pending: [], seen: value });
  const current = state.seen === value ? state : withValue(state, value);
  if (current !== state) setState(current);
  return {
    text: current.draft ?? value,
    isTyping: current.draft !== null,
    type: (draft, sent) => setState((last) => ({ ...last, draft, pending: withSent(last, sent) })),
    end: () => setState((last) => ({ ...last, draft: null, pending: [] })),
  };
}

/** What is sent twice, or is the value already, comes back once or never. */
function withSent({ pending, seen }: State, sent: string | null): readonly string[] {
  return sent === null || sent === (pending.at(-1) ?? seen) ? pending : [...pending, sent];
}

function withValue(state: State, value: string): State {
  const place = state.pending.indexOf(value);
  if (state.draft === null || place < 0) return { draft: null, pending: [], seen: value };
  return { ...state, pending: state.pending.slice(place + 1), seen: value };
}

/** Whether a key belongs to an input method that is composing (229 is what some browsers say at its end). */
export function isComposing(event: { readonly nativeEvent: KeyboardEvent | InputEvent | Event }): boolean {
  const { nativeEvent } = event;
  if ('isComposing' in nativeEvent && nativeEvent.isComposing === true) return true;
  return 'keyCode' in nativeEvent && nativeEvent.keyCode === 229;
}
