/** The workflows that are saved on the server: search, open, rename, delete. */

import { Ellipsis, FileUp, LayoutTemplate, Save, Workflow } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { UserFile } from '../api/words';
import { chooseFiles, cleaned, nameOf, openSaved, save } from '../app/files';
import { useInterface } from '../app/interface';
import { complain, sentenceOf } from '../app/messages';
import { useDocuments } from '../state/documents';
import './workflows.css';

interface Listing {
  readonly files: readonly UserFile[] | null;
  readonly problem: string | null;
  readonly again: () => void;
}

const FOLDER = 'workflows/';

/** Paths come with or without the folder they were asked for in. */
function pathOf(file: UserFile): string {
  return file.path.startsWith(FOLDER) ? file.path : `${FOLDER}${file.path}`;
}

function useSavedFiles(): Listing {
  const [files, setFiles] = useState<readonly UserFile[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  /** Saving changes these, so the list is asked for anew. */
  const saved = useDocuments((state) => state.documents.map((document) => document.file).join('\n'));
  const again = useCallback(async () => {
    try {
      const found = await api().userFiles.list('workflows');
      setFiles(found.filter((file) => file.path.endsWith('.json') && !file.path.includes('.index.')));
      setProblem(null);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) setFiles([]);
      else setProblem(sentenceOf(error));
    }
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `saved` says when to ask again
  useEffect(() => void again(), [again, saved]);
  return { files, problem, again: () => void again() };
}

export function WorkflowsPanel() {
  const { t } = useTranslation();
  const { files, problem, again } = useSavedFiles();
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/u);
  const shown = (files ?? [])
    .filter((file) => words.every((word) => file.path.toLowerCase().includes(word)))
    .toSorted((a, b) => b.modified - a.modified);
  return (
    <div className="workflows">
      <Actions />
      <input
        type="search"
        className="text-field"
        placeholder={t('workflows.search')}
        aria-label={t('workflows.search')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {problem !== null && <p className="empty bad">{problem}</p>}
      {files !== null && shown.length === 0 && (
        <p className="empty">{t(files.length === 0 ? 'workflows.empty' : 'workflows.none')}</p>
      )}
      <ul>
        {shown.map((file) => (
          <Entry key={file.path} file={file} again={again} />
        ))}
      </ul>
    </div>
  );
}

function Actions() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  return (
    <div className="workflows-actions">
      <button type="button" className="button" onClick={() => void save()}>
        <Save size={15} />
        {t('file.save')}
      </button>
      <button type="button" className="button" onClick={chooseFiles}>
        <FileUp size={15} />
        {t('workflows.import')}
      </button>
      <button type="button" className="button" onClick={() => show('templates')}>
        <LayoutTemplate size={15} />
        {t('workflows.templates')}
      </button>
    </div>
  );
}

function Entry({ file, again }: { readonly file: UserFile; readonly again: () => void }) {
  const { i18n, t } = useTranslation();
  const path = pathOf(file);
  const open = useDocuments((state) => state.documents.some((document) => document.file === path));
  const when = new Date(file.modified < 1e11 ? file.modified * 1000 : file.modified);
  return (
    <li className="workflow">
      <button type="button" className="row-button" onClick={() => void openSaved(path)}>
        <Workflow size={16} className="muted" />
        <span className="workflow-text">
          <span className="ellipsis">{nameOf(file.path)}</span>
          <small className="muted">
            {when.toLocaleDateString(i18n.language)}
            {open && ` · ${t('workflows.open')}`}
          </small>
        </span>
      </button>
      <EntryMenu path={path} again={again} />
    </li>
  );
}

function EntryMenu({ path, again }: { readonly path: string; readonly again: () => void }) {
  const { t } = useTranslation();
  const { ask, confirm } = useInterface();
  const rename = (): void =>
    ask({
      title: t('workflows.rename'),
      value: nameOf(path),
      answer: (name) => void moveTo(path, name).then(again),
    });
  const remove = (): void =>
    confirm({
      sentence: t('workflows.confirmDelete', { name: nameOf(path) }),
      action: t('workflows.delete'),
      answer: () => void deleteFile(path).then(again),
    });
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="icon-button" aria-label={t('panels.more')}>
        <Ellipsis size={16} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popup" align="end">
          <DropdownMenu.Item className="menu-item" onSelect={rename}>
            <span>{t('workflows.rename')}</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={remove}>
            <span className="bad">{t('workflows.delete')}</span>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

async function moveTo(path: string, wanted: string): Promise<void> {
  const name = cleaned(wanted);
  const to = `${FOLDER}${name}.json`;
  if (name === '' || to === path) return;
  try {
    await api().userFiles.move(path, to, false);
    const open = useDocuments.getState().documents.find((document) => document.file === path);
    if (open !== undefined) useDocuments.getState().markSaved(to, name, open.saved, open.id);
  } catch (error) {
    complain('workflows.notRenamed', error, { name });
  }
}

async function deleteFile(path: string): Promise<void> {
  try {
    await api().userFiles.delete(path);
  } catch (error) {
    complain('workflows.notDeleted', error, { name: nameOf(path) });
  }
}
