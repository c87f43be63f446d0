/** What is painted and with what, from opening the mask editor until it is saved or given up. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useInterface } from '../../app/interface';
import { sentenceOf, tell } from '../../app/messages';
import { translated } from '../../i18n';
import { type MaskTarget, useMaskEditor } from '../maskTarget';
import { firstSize } from './brush';
import { begun, type History, isChanged, painted, redone, undone } from './history';
import { saveMask } from './saveMask';
import { filled, inverted, type Mask, NOT_PAINTED, PAINTED } from './tiles';
import { firstTools, type Tools } from './tools';

export interface Session {
  readonly history: History;
  readonly tools: Tools;
  readonly setTools: (change: Partial<Tools>) => void;
  readonly paint: (mask: Mask) => void;
  readonly invert: () => void;
  readonly clear: () => void;
  readonly fill: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
  /** What screen readers are told. */
  readonly said: string;
  readonly say: (sentence: string) => void;
  readonly isBusy: boolean;
  /** Why it could not be saved. */
  readonly problem: string | null;
  readonly save: () => void;
  /** Asks first where something would be lost. */
  readonly leave: () => void;
}

export function useSession(target: MaskTarget, start: Mask): Session {
  const { t } = useTranslation();
  const [history, setHistory] = useState(() => begun(start));
  const [tools, setTools] = useState(() => firstTools(firstSize(start.width, start.height)));
  const [said, say] = useState('');
  const saving = useSaving(target, history);
  useWarning(isChanged(history));
  const step = (change: (mask: Mask) => Mask, sentence: string): void => {
    setHistory((before) => painted(before, change(before.mask)));
    say(sentence);
  };
  return {
    history,
    tools,
    setTools: (change) => setTools((before) => ({ ...before, ...change })),
    paint: (mask) => setHistory((before) => painted(before, mask)),
    invert: () => step(inverted, t('mask.inverted')),
    clear: () => step((mask) => filled(mask, NOT_PAINTED), t('mask.cleared')),
    fill: () => step((mask) => filled(mask, PAINTED), t('mask.filled')),
    undo: () => {
      setHistory(undone);
      if (history.past.length > 0) say(t('mask.undone'));
    },
    redo: () => {
      setHistory(redone);
      if (history.future.length > 0) say(t('mask.redone'));
    },
    said,
    say,
    ...saving,
  };
}

function useSaving(
  target: MaskTarget,
  history: History,
): Pick<Session, 'isBusy' | 'problem' | 'save' | 'leave'> {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const close = useMaskEditor((state) => state.close);
  const send = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await saveMask(target, history.mask);
      tell('mask.saved');
      close();
    } catch (error) {
      setProblem(translated('mask.notSaved', { reason: sentenceOf(error) }));
      setBusy(false);
    }
  };
  return {
    isBusy,
    problem,
    save: () => {
      if (isBusy) return;
      // The node reads this mask already.
      if (!isChanged(history)) close();
      else void send();
    },
    leave: () => {
      if (isBusy) return;
      if (isChanged(history)) askToDiscard(close);
      else close();
    },
  };
}

function askToDiscard(discard: () => void): void {
  useInterface.getState().confirm({
    sentence: translated('mask.confirmDiscard'),
    action: translated('mask.discard'),
    answer: discard,
  });
}

/** The browser asks before the page is left. */
function useWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isNeeded]);
}
