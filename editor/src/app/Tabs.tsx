/** One tab for each open workflow; a dot marks what is not saved. */

import { Plus, X } from 'lucide-react';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { activeOf, type Document, isDirty, useDocuments } from '../state/documents';
import { closeDocument } from './closing';
import { newDocument } from './files';

export function Tabs() {
  const { t } = useTranslation();
  const documents = useDocuments((state) => state.documents);
  const active = useDocuments((state) => activeOf(state).id);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current
      ?.querySelector(`[data-tab="${active}"]`)
      ?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const at = documents.findIndex((document) => document.id === active);
    const next = documents[(at + by + documents.length) % documents.length];
    if (next === undefined) return;
    event.preventDefault();
    useDocuments.getState().activate(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"] [role="tab"]`)?.focus();
  };
  return (
    <div className="tabs">
      {/* Beside each tab stands a button, and a list of tabs may hold nothing but tabs: so it names them from outside. */}
      <span
        role="tablist"
        aria-label={t('app.tabs')}
        aria-owns={documents.map(({ id }) => tabId(id)).join(' ')}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only hears the keys of the tabs within */}
      <div className="tab-list" ref={list} onKeyDown={onKey}>
        {documents.map((document) => (
          <Tab key={document.id} document={document} active={document.id === active} />
        ))}
      </div>
      <button
        type="button"
        className="icon-button"
        title={t('command.new')}
        aria-label={t('command.new')}
        onClick={newDocument}
      >
        <Plus size={16} />
      </button>
    </div>
  );
}

function tabId(id: string): string {
  return `tab-${id}`;
}

function Tab({ document, active }: { readonly document: Document; readonly active: boolean }) {
  const { t } = useTranslation();
  const activate = useDocuments((state) => state.activate);
  const name = document.name === '' ? t('app.untitled') : document.name;
  const dirty = isDirty(document);
  const onAuxClick = (event: MouseEvent): void => {
    if (event.button === 1) closeDocument(document.id);
  };
  return (
    <div
      className={`tab${active ? ' active' : ''}${dirty ? ' dirty' : ''}`}
      data-tab={document.id}
      role="presentation"
    >
      <button
        type="button"
        role="tab"
        id={tabId(document.id)}
        aria-selected={active}
        tabIndex={active ? 0 : -1}
        title={document.file ?? name}
        onClick={() => activate(document.id)}
        onAuxClick={onAuxClick}
      >
        <span className="ellipsis">{name}</span>
        {dirty && <span className="visually-hidden">{t('app.unsaved')}</span>}
      </button>
      <button
        type="button"
        className="tab-close"
        tabIndex={active ? 0 : -1}
        aria-label={t('app.closeTab', { name })}
        onClick={() => closeDocument(document.id)}
      >
        <X size={13} />
      </button>
    </div>
  );
}
