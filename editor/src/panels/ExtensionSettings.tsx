/** What node packs add to the editor: how each extension is, off and on, and what it did wrong. */

import { ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { switchExtension } from '../extensions/load';
import { goOn, loadModule, SAFE } from '../extensions/start';
import { type Extension, useExtensions } from '../extensions/store';
import './extensionSettings.css';

export function ExtensionSettings() {
  const { t } = useTranslation();
  const { isKnown, extensions, others, problem, mode } = useExtensions();
  if (!isKnown) return <p className="empty">{t('extensions.asking')}</p>;
  return (
    <div className="extension-settings">
      {problem !== null && <p role="alert">{t('extensions.notAsked', { problem })}</p>}
      {mode !== 'usual' && <NotLoaded mode={mode} />}
      {extensions.length === 0 && problem === null && <p className="empty">{t('extensions.none')}</p>}
      {extensions.length > 0 && (
        <ul>
          {extensions.map((extension) => (
            <Row key={extension.pack} extension={extension} />
          ))}
        </ul>
      )}
      {others.size > 0 && <Others others={others} />}
      {extensions.length > 0 && mode === 'usual' && (
        <div className="extension-safe">
          <p className="muted">{t('extensions.safe.hint')}</p>
          <button type="button" className="button" onClick={() => visit(true)}>
            <ShieldAlert size={14} aria-hidden /> {t('extensions.safe.enter')}
          </button>
        </div>
      )}
    </div>
  );
}

function NotLoaded({ mode }: { readonly mode: 'safe' | 'held' }) {
  const { t } = useTranslation();
  return (
    <div className="extension-safe" role="status">
      <p>{t(mode === 'safe' ? 'extensions.safe' : 'extensions.heldNow')}</p>
      <button type="button" className="button" onClick={() => (mode === 'safe' ? visit(false) : void goOn())}>
        {t(mode === 'safe' ? 'extensions.safe.leave' : 'extensions.loadAll')}
      </button>
    </div>
  );
}

/** Loads the page again, without extensions or with them; drafts keep what is open. */
function visit(isSafe: boolean): void {
  const address = new URL(window.location.href);
  if (isSafe) address.searchParams.set(SAFE, '1');
  else address.searchParams.delete(SAFE);
  window.location.assign(address);
}

function Row({ extension }: { readonly extension: Extension }) {
  const { t } = useTranslation();
  const { pack, state, widgets, commands, problems } = extension;
  const shown = state === 'running' && problems.length > 0 ? 'troubled' : state;
  const isOff = useExtensions((all) => all.off.includes(pack));
  const adds = [
    widgets.length > 0 ? t('extensions.widgets', { types: widgets.join(', ') }) : '',
    commands > 0 ? t('extensions.commands', { count: commands }) : '',
  ].filter((part) => part !== '');
  return (
    <li className="extension-row" data-state={state}>
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={!isOff}
          checked={!isOff}
          onChange={(event) => void switchExtension(pack, event.target.checked, loadModule)}
        />
        <span className="extension-name">{pack}</span>
      </label>
      <span className="extension-state" data-state={shown}>
        {t(`extensions.state.${shown}`)}
      </span>
      {adds.length > 0 && <p className="muted">{adds.join(' · ')}</p>}
      {problems.length > 0 && (
        <ul className="extension-problems" aria-label={t('extensions.problems', { pack })}>
          {problems.map((problem, at) => (
            <li key={at}>{problem}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Others({ others }: { readonly others: ReadonlyMap<string, number> }) {
  const { t } = useTranslation();
  const count = [...others.values()].reduce((sum, each) => sum + each, 0);
  return (
    <details className="extension-others">
      <summary>{t('extensions.others', { count })}</summary>
      <p className="muted">{t('extensions.others.hint')}</p>
      <ul>
        {[...others].map(([pack, scripts]) => (
          <li key={pack}>
            <span className="extension-name">{pack}</span> <span className="muted">{scripts}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
