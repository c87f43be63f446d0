/** Compares the pictures that a node shows, where there are two of them or more. */

import { Columns2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../../api/words';
import { useInterface } from '../../app/interface';
import { kindOf } from '../pictures';

export function CompareButton({ images }: { readonly images: readonly FileReference[] }) {
  const { t } = useTranslation();
  const pictures = images.filter((file) => kindOf(file) === 'image');
  if (pictures.length < 2) return null;
  return (
    <button
      type="button"
      className="icon-button node-compare nodrag"
      aria-label={t('compare.pictures')}
      title={t('compare.pictures')}
      tabIndex={-1}
      onClick={() => useInterface.getState().compare(pictures)}
    >
      <Columns2 size={15} />
    </button>
  );
}
