/** Takes the next press of keys for itself, before anything else on the page can. */

import { useEffect, useRef } from 'react';
import { pressed } from '../commands/combinations';

interface Recording {
  readonly isOn: boolean;
  /** Combination by combination; Escape ends it. */
  readonly onKeys: (keys: string) => void;
  readonly onEnd: () => void;
}

export function useKeyRecording({ isOn, onKeys, onEnd }: Recording): void {
  const latest = useRef({ onKeys, onEnd });
  latest.current = { onKeys, onEnd };
  useEffect(() => {
    if (!isOn) return;
    const listen = (event: KeyboardEvent): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const keys = pressed(event);
      if (keys === 'Escape') latest.current.onEnd();
      else if (keys !== null && !event.repeat) latest.current.onKeys(keys);
    };
    const opts = { capture: true } as const;
    window.addEventListener('keydown', listen, opts);
    return () => window.removeEventListener('keydown', listen, opts);
  }, [isOn]);
}
