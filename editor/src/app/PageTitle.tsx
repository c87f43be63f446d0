/** Names the page after the open workflow. */

import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isDirty, useActiveDocument } from '../state/documents';
import { useShownRun } from '../state/runs';

export function PageTitle() {
  const { t } = useTranslation();
  const document = useActiveDocument();
  const run = useShownRun();
  const name = document.name === '' ? t('app.untitled') : document.name;
  const percent = run?.state === 'running' ? `${Math.round(run.progress * 100)}% ` : '';
  const title = `${percent}${isDirty(document) ? '• ' : ''}${name} – Nodeloom`;
  useEffect(() => {
    window.document.title = title;
  }, [title]);
  return null;
}
