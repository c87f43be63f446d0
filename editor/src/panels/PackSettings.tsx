/** The packs of nodes on the server: how each is, what it brought, what is wrong with it, and what to do about that. */

import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { complain } from '../app/messages';
import { readPacksAnew } from '../state/packNews';
import { needsCare, type Pack, usePacks } from '../state/packs';
import { PackRow } from './PackRow';
import './packSettings.css';

export function PackSettings() {
  const { t } = useTranslation();
  const { isKnown, isReady, isDevelopment, loading, packs, problem } = usePacks();
  if (!isKnown) return <p className="empty">{t('packs.asking')}</p>;
  return (
    <div className="pack-settings">
      {problem !== null && <p role="alert">{t('packs.notAsked', { problem })}</p>}
      {loading !== null && <p role="status">{t('packs.loading', { ...loading })}</p>}
      {!isReady && loading === null && problem === null && <p role="status">{t('packs.notReady')}</p>}
      {packs.length === 0 && problem === null && <None />}
      {packs.length > 0 && (
        <ul className="pack-list" aria-label={t('settings.section.packs')}>
          {inOrder(packs).map((pack) => (
            <PackRow key={pack.name} pack={pack} />
          ))}
        </ul>
      )}
      {isDevelopment && <ReadAnew />}
    </div>
  );
}

/** What needs care first. */
function inOrder(packs: readonly Pack[]): readonly Pack[] {
  const rank = (pack: Pack): number => (pack.state === 'failed' ? 0 : needsCare(pack) ? 1 : 2);
  return packs.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function None() {
  const { t } = useTranslation();
  return (
    <div className="empty">
      <p>{t('packs.none')}</p>
      <p>{t('packs.none.hint')}</p>
    </div>
  );
}

function ReadAnew() {
  const { t } = useTranslation();
  const [isAtWork, setAtWork] = useState(false);
  const read = async (): Promise<void> => {
    setAtWork(true);
    try {
      await readPacksAnew();
    } catch (error) {
      complain('packs.notReadAnew', error);
    } finally {
      setAtWork(false);
    }
  };
  return (
    <div className="pack-anew">
      <p className="muted">{t('packs.readAnew.hint')}</p>
      <button type="button" className="button" disabled={isAtWork} onClick={() => void read()}>
        <RefreshCw size={14} aria-hidden /> {t('packs.readAnew')}
      </button>
    </div>
  );
}
