/** The line under a prompt: how many tokens it has, and hints, which mark what they are about in the text as well. */

import type { TFunction } from 'i18next';
import { Info } from 'lucide-react';
import { useDeferredValue, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClipTokenizer } from '../../model/clipTokenizer';
import type { Embeddings } from '../../model/promptTokens';
import { type Box, boxesIn } from './caret';
import { type Counted, counted, shownCount } from './counting';
import { type PromptField, statusId } from './field';
import { type Hint, hintsIn } from './hints';
import { loadTokenizer } from './tokenizer';

/** A hint comes when nobody has typed for that long: half a bracket is no mistake yet. */
const PAUSE_MILLISECONDS = 800;

interface PromptStatusProps {
  readonly field: PromptField;
  readonly embeddings: Embeddings | null;
  /** The LoRA that was just put into the workflow. */
  readonly added: string | null;
}

export function PromptStatus({ field, embeddings, added }: PromptStatusProps) {
  const { t } = useTranslation();
  const { text, widget, area, id } = field;
  const count = useCount(text, widget.dynamicPrompts, embeddings);
  const hints = useHints(text, widget.dynamicPrompts, count);
  const said = added === null ? hintText(hints, t) : t('prompt.added', { name: added });
  return (
    <>
      <Marks area={area} text={text} hints={hints} />
      <div className="prompt-status" data-kind={added === null ? 'hint' : 'said'}>
        <span className="prompt-hint" role="status" title={said}>
          {said !== '' && <Info size={12} aria-hidden />}
          <span className="ellipsis">{said}</span>
        </span>
        {count !== null && <Count id={id} count={count} />}
      </div>
    </>
  );
}

function Count({ id, count }: { readonly id: string; readonly count: Counted }) {
  const { t } = useTranslation();
  const chunks = count.windows.length;
  const shown = shownCount(count);
  const about = [
    t('prompt.tokens', { shown }),
    chunks > 1 ? t('prompt.chunks', { count: chunks, parts: count.windows.join(' + ') }) : '',
    count.least === count.most ? '' : t('prompt.varies'),
    count.precision === 'atLeast' ? t('prompt.atLeast') : '',
  ];
  return (
    <span id={statusId(id)} className="prompt-tokens" title={about.filter((part) => part !== '').join('\n')}>
      <span className="visually-hidden">{t('prompt.tokensLabel')} </span>
      {shown}
      {chunks > 1 && ` · ${t('prompt.chunkCount', { count: chunks })}`}
    </span>
  );
}

function hintText(hints: readonly Hint[], t: TFunction): string {
  const [first] = hints;
  if (first === undefined) return '';
  const said = t(`prompt.hint.${first.kind}`, { what: first.what, line: first.line });
  return hints.length === 1 ? said : `${said} ${t('prompt.more', { count: hints.length - 1 })}`;
}

/** Null until the tokenizer and the embeddings are there. */
function useCount(text: string, isDynamic: boolean, embeddings: Embeddings | null): Counted | null {
  const [tokenizer, setTokenizer] = useState<ClipTokenizer | null>(null);
  const prompt = useDeferredValue(text);
  useEffect(() => {
    let isShown = true;
    const keep = (loaded: ClipTokenizer): void => {
      if (isShown) setTokenizer(loaded);
    };
    // Without its table there is no number; everything else goes on.
    loadTokenizer().then(keep, () => undefined);
    return () => {
      isShown = false;
    };
  }, []);
  return useMemo(
    () =>
      tokenizer === null || embeddings === null
        ? null
        : counted(prompt, isDynamic, { tokenizer, embeddings }),
    [tokenizer, embeddings, prompt, isDynamic],
  );
}

function useHints(text: string, isDynamic: boolean, count: Counted | null): readonly Hint[] {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text]);
  const unknown = count?.unknown;
  return useMemo(
    () => (settled === text ? hintsIn(text, isDynamic, unknown ?? []) : []),
    [settled, text, isDynamic, unknown],
  );
}

interface MarksProps {
  readonly area: HTMLTextAreaElement;
  readonly text: string;
  readonly hints: readonly Hint[];
}

/** Lines under what hints are about, over the text area and as large as it, so that they are scaled with it. */
function Marks({ area, text, hints }: MarksProps) {
  const [boxes, setBoxes] = useState<readonly Box[]>([]);
  const [frame, setFrame] = useState<Box>({ left: 0, top: 0, width: 0, height: 0 });
  useLayoutEffect(() => {
    const places = hints.flatMap(({ at }) =>
      at === null || at >= text.length ? [] : [[at, at + 1] as const],
    );
    const measure = (): void => {
      setBoxes(places.length === 0 ? [] : boxesIn(area, places));
      const { offsetLeft: left, offsetTop: top, clientWidth: width, clientHeight: height } = area;
      setFrame({ left, top, width, height });
    };
    measure();
    if (places.length === 0) return;
    const resized = new ResizeObserver(measure);
    resized.observe(area);
    area.addEventListener('scroll', measure);
    return () => {
      resized.disconnect();
      area.removeEventListener('scroll', measure);
    };
  }, [area, text, hints]);
  if (boxes.length === 0) return null;
  return (
    <div className="prompt-marks" style={{ ...frame }} aria-hidden>
      {boxes.map((box) => (
        <span key={`${box.left} ${box.top}`} className="prompt-mark" style={{ ...box }} />
      ))}
    </div>
  );
}
