/** The first thing the keyboard comes to: a way past the bars to the canvas. It is seen only while it has the keyboard. */

import { useTranslation } from 'react-i18next';
import { skipToCanvas } from './focus';

export function SkipLink() {
  const { t } = useTranslation();
  return (
    <button type="button" className="button skip-link" onClick={skipToCanvas}>
      {t('everyone.skip')}
    </button>
  );
}
