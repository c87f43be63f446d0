/** What is wrong with a node, in words below it. */

import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { NodeId } from '../model/types';
import { type Problem, useNodeErrors } from '../state/runs';

const MOST_SHOWN = 2;

export const NodeProblems = memo(function NodeProblems({ id }: { readonly id: NodeId }) {
  const { t } = useTranslation();
  const problems = useNodeErrors(id);
  if (problems.length === 0) return null;
  const more = problems.length - MOST_SHOWN;
  return (
    <ul className="node-problems">
      {problems.slice(0, MOST_SHOWN).map((problem) => (
        <li key={`${problem.code} ${problem.input ?? ''} ${problem.sentence}`} title={wholeOf(problem)}>
          <TriangleAlert size={13} aria-hidden />
          <span className="node-problem-text">
            {problem.input === null ? problem.sentence : `${problem.input}: ${problem.sentence}`}
          </span>
        </li>
      ))}
      {more > 0 && <li className="node-problems-more">{t('canvas.moreProblems', { count: more })}</li>}
    </ul>
  );
});

function wholeOf({ sentence, remedy }: Problem): string {
  return remedy === '' ? sentence : `${sentence}\n${remedy}`;
}
