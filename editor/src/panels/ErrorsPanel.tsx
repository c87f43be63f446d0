/** What is wrong with the open workflow or its last run; a click goes to the node. */

import { ChevronDown, CircleAlert, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { nextProblem, showProblem } from '../app/problems';
import { runAnyway } from '../app/running';
import { insideOf } from '../model/graph';
import type { Graph } from '../model/types';
import { useChecks } from '../state/checks';
import { useDefinitions } from '../state/definitions';
import { useActiveDocument } from '../state/documents';
import { type Problem, useProblems, useRuns } from '../state/runs';
import './errors.css';

export function ErrorsPanel() {
  const { t } = useTranslation();
  const problems = useProblems();
  const document = useActiveDocument();
  const clear = useRuns((state) => state.clearProblems);
  const isHeld = useChecks((state) => state.held.has(document.id));
  if (problems.length === 0) return <p className="empty">{t('errors.none')}</p>;
  return (
    <div className="errors">
      <div className="errors-actions">
        <button type="button" className="button" onClick={() => nextProblem()}>
          <ChevronDown size={15} />
          {t('errors.next')}
        </button>
        <button type="button" className="button" onClick={() => clear(document.id)}>
          {t('errors.clear')}
        </button>
      </div>
      {isHeld && (
        <div className="errors-held">
          <p>{t('checks.held')}</p>
          <button type="button" className="button" onClick={() => void runAnyway(document.id)}>
            <Play size={14} aria-hidden />
            {t('checks.anyway')}
          </button>
        </div>
      )}
      <ul>
        {problems.map((problem, index) => (
          <li key={`${index}-${problem.code}`}>
            <Entry problem={problem} graph={document.graph} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Entry({ problem, graph }: { readonly problem: Problem; readonly graph: Graph }) {
  const { t } = useTranslation();
  const name = useNodeName(problem, graph);
  return (
    <div className="error">
      <button
        type="button"
        className="row-button"
        disabled={problem.origin === null}
        onClick={() => showProblem(problem)}
      >
        <CircleAlert size={16} className="bad" />
        <span>
          {name !== null && (
            <strong>
              {name}
              {problem.input !== null && ` · ${problem.input}`}
            </strong>
          )}
          <span>{problem.sentence}</span>
          {problem.remedy !== '' && <span className="muted">{problem.remedy}</span>}
        </span>
      </button>
      {problem.traceback.length > 0 && (
        <details>
          <summary>{t('errors.traceback')}</summary>
          <pre>{problem.traceback.join('')}</pre>
        </details>
      )}
    </div>
  );
}

function useNodeName(problem: Problem, graph: Graph): string | null {
  const definitions = useDefinitions((state) => state.definitions);
  if (problem.origin === null) return null;
  const { path, node: id } = problem.origin;
  const node = insideOf(graph, path)?.nodes.get(id);
  if (node === undefined) return `#${id}`;
  return node.title ?? definitions.get(node.type)?.displayName ?? node.type;
}
