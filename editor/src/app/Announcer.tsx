/** Says aloud, for screen readers, what becomes of runs and of the connection. */

import { useTranslation } from 'react-i18next';
import { useConnection } from '../state/connection';
import { useProblems, useShownRun } from '../state/runs';

export function Announcer() {
  const { t } = useTranslation();
  const run = useShownRun();
  const problems = useProblems();
  const status = useConnection((state) => state.status);
  const sentences = [
    status === 'lost' ? t('connection.lost') : '',
    run === null ? '' : t(`run.state.${run.state}`),
    problems.length > 0 ? t('errors.count', { count: problems.length }) : '',
  ];
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {sentences.filter((sentence) => sentence !== '').join(' ')}
    </div>
  );
}
