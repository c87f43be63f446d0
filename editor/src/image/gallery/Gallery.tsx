/** The pictures on the server: what runs have made, and what is there to work on. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '../../state/connection';
import { useRuns } from '../../state/runs';
import { Chosen } from './Chosen';
import { FOLDERS, ORDERS, type Order } from './entries';
import { Grid } from './Grid';
import { useGallery } from './store';
import { useMoreInLightbox } from './useMoreInLightbox';
import './gallery.css';

const TYPING_MILLISECONDS = 250;

export function Gallery() {
  const { t } = useTranslation();
  const { total, problem, unread, question } = useGallery();
  useFreshness();
  useMoreInLightbox();
  const isSearch = question.search.trim() !== '';
  return (
    <div className="gallery">
      <Wishes />
      {problem !== null && (
        <p className="empty bad" role="alert">
          {problem}
        </p>
      )}
      {total === 0 && problem === null && unread === 0 && (
        <p className="empty">{t(isSearch ? 'gallery.none' : `gallery.empty.${question.folder}`)}</p>
      )}
      {total !== null && total > 0 && <Grid count={total} />}
      <Chosen />
    </div>
  );
}

/** Asks anew whenever a node has shown something or a run of anybody has come or gone. */
function useFreshness(): void {
  const outputs = useRuns((state) => state.outputs);
  const remaining = useConnection((state) => state.remaining);
  const status = useConnection((state) => state.status);
  // biome-ignore lint/correctness/useExhaustiveDependencies: these say when to ask again
  useEffect(() => useGallery.getState().refresh(), [outputs, remaining, status]);
}

/** Which folder, what to search for, in which order. */
function Wishes() {
  const { t } = useTranslation();
  const { folder, order } = useGallery((state) => state.question);
  const ask = useGallery((state) => state.ask);
  return (
    <div className="gallery-wishes">
      <div className="gallery-folders" role="radiogroup" aria-label={t('gallery.folder')}>
        {FOLDERS.map((each) => (
          <label key={each} data-on={each === folder || undefined}>
            <input
              type="radio"
              name="gallery-folder"
              className="visually-hidden"
              checked={each === folder}
              onChange={() => ask({ folder: each })}
            />
            {t(`gallery.folder.${each}`)}
          </label>
        ))}
      </div>
      <select
        className="text-field gallery-order"
        aria-label={t('gallery.order')}
        value={order}
        onChange={(event) => ask({ order: event.target.value as Order })}
      >
        {ORDERS.map((each) => (
          <option key={each} value={each}>
            {t(`gallery.order.${each}`)}
          </option>
        ))}
      </select>
      <Search />
    </div>
  );
}

function Search() {
  const { t } = useTranslation();
  const search = useGallery((state) => state.question.search);
  const ask = useGallery((state) => state.ask);
  const [text, setText] = useState(search);
  useEffect(() => {
    if (text === search) return;
    const soon = setTimeout(() => ask({ search: text }), TYPING_MILLISECONDS);
    return () => clearTimeout(soon);
  }, [text, search, ask]);
  return (
    <input
      type="search"
      className="text-field gallery-search"
      placeholder={t('gallery.search')}
      aria-label={t('gallery.search')}
      title={t('gallery.searchHint')}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) ask({ search: text });
      }}
    />
  );
}
