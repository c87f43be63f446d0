/** Says aloud, for screen readers, what becomes of runs, of the connection and of what was edited. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { translated } from '../i18n';
import { useConnection } from '../state/connection';
import { activeOf, type Document, useDocuments } from '../state/documents';
import { type Run, useProblems, useRuns, useShownRun } from '../state/runs';

export function Announcer() {
  const { t } = useTranslation();
  const run = useShownRun();
  const pictures = usePictures(run);
  const problems = useProblems();
  const status = useConnection((state) => state.status);
  const sentences = [
    status === 'lost' ? t('connection.lost') : '',
    run === null ? '' : t(`run.state.${run.state}`),
    run?.state === 'done' && pictures > 0 ? t('everyone.pictures', { count: pictures }) : '',
    problems.length > 0 ? t('errors.count', { count: problems.length }) : '',
  ];
  return (
    <>
      <div className="visually-hidden" role="status" aria-live="polite">
        {sentences.filter((sentence) => sentence !== '').join(' ')}
      </div>
      <Edits />
    </>
  );
}

/** How many pictures the nodes of a run show. */
function usePictures(run: Run | null): number {
  const document = useDocuments((state) => state.active);
  return useRuns((state) => {
    if (run === null) return 0;
    const outputs = [...(state.outputs.get(document) ?? [])].filter(([node]) => run.nodes.has(node));
    return outputs.reduce((count, [, output]) => count + output.images.length, 0);
  });
}

function Edits() {
  const [sentence, setSentence] = useState('');
  useEffect(
    () =>
      useDocuments.subscribe((state, before) => {
        const said = whatWasDone(activeOf(before), activeOf(state));
        if (said !== null) setSentence(said);
      }),
    [],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-announces="edits">
      {sentence}
    </div>
  );
}

/** Typing is not repeated: whoever types hears the letters. */
const UNSAID: ReadonlySet<string> = new Set(['step.value', 'widgets.step.value']);

function whatWasDone(before: Document, after: Document): string | null {
  if (before.id !== after.id || before.past.length === after.past.length) return null;
  const isBack = after.past.length < before.past.length;
  const step = (isBack ? before : after).past.at(-1);
  if (step === undefined) return null;
  const name = translated(step.label);
  if (isBack) return translated('everyone.undone', { step: name });
  if (before.future.at(-1)?.graph === after.graph) return translated('everyone.redone', { step: name });
  return UNSAID.has(step.label) ? null : name;
}
