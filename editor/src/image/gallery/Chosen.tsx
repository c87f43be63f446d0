/** Below the grid: how many pictures there are or are selected, and what can be done with those. */

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { shownKeys } from '../../commands/shortcuts';
import { ACTIONS } from './actions';
import { chosenFiles, useGallery } from './store';

export function Chosen() {
  const { t } = useTranslation();
  const { chosen, total, unread } = useGallery();
  const files = useMemo(() => chosenFiles(chosen), [chosen]);
  const said =
    files.length > 0
      ? t('gallery.selected', { count: files.length })
      : unread > 0
        ? t('gallery.searching', { count: unread })
        : total === null
          ? ''
          : t('gallery.count', { count: total });
  return (
    <footer className="gallery-chosen">
      <span className="muted number ellipsis" role="status">
        {said}
      </span>
      <div className="gallery-actions" role="toolbar" aria-label={t('gallery.actions')}>
        {ACTIONS.map(({ id, icon: Icon, keys, fits, run }) => {
          const name = t(`gallery.action.${id}`);
          return (
            <button
              key={id}
              type="button"
              className="icon-button"
              aria-label={name}
              title={keys === undefined ? name : `${name}  (${shownKeys(keys)})`}
              disabled={!fits(files.length)}
              onClick={() => run(files)}
            >
              <Icon size={16} />
            </button>
          );
        })}
      </div>
    </footer>
  );
}
