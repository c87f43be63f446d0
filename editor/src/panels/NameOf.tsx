/** The open workflow a run came from, else the beginning of the run's id. */

import { useTranslation } from 'react-i18next';
import { useDocuments } from '../state/documents';
import type { QueueItem } from '../state/queue';

export function NameOf({ item }: { readonly item: QueueItem }) {
  const { t } = useTranslation();
  const name = useDocuments((state) => state.documents.find((each) => each.id === item.document)?.name);
  const shown = name === '' ? t('app.untitled') : name;
  return <span className="ellipsis">{shown ?? t('queue.run', { id: item.id.slice(0, 8) })}</span>;
}
