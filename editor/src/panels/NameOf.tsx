/** What the workflow of a run was called: when it was handed in, else as it is open now, else the run's id. */

import { useTranslation } from 'react-i18next';
import { useDocuments } from '../state/documents';
import type { QueueItem } from '../state/queue';

type Named = Pick<QueueItem, 'id' | 'name' | 'document'>;

export function useNameOf(): (item: Named) => string {
  const { t } = useTranslation();
  const documents = useDocuments((state) => state.documents);
  return ({ id, name, document }) => {
    const known = name || documents.find((each) => each.id === document)?.name;
    if (known) return known;
    return name === null && document === null ? t('queue.run', { id: id.slice(0, 8) }) : t('app.untitled');
  };
}

export function NameOf({ item }: { readonly item: Named }) {
  const name = useNameOf()(item);
  return (
    <span className="ellipsis" title={name}>
      {name}
    </span>
  );
}
