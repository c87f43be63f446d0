/** Asks for a name: of a file to save, of a subgraph to make. */

import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cleaned, saveAs } from '../app/files';
import { useInterface } from '../app/interface';
import { activeDocument } from '../state/documents';
import { Dialog } from './Dialog';

interface FormProps {
  readonly value: string;
  readonly label: string;
  readonly action: string;
  readonly problem?: string | null;
  readonly onChange: (value: string) => void;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
}

function NameForm({ value, label, action, problem = null, onChange, onSubmit, onCancel }: FormProps) {
  const { t } = useTranslation();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (value.trim() !== '') onSubmit();
  };
  return (
    <form className="dialog-body" onSubmit={submit}>
      <div className="field-row">
        <label htmlFor="asked-name">{label}</label>
        <input
          id="asked-name"
          className="text-field"
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: the one thing the dialog asks for
          autoFocus
          maxLength={180}
          value={value}
          aria-describedby={problem === null ? undefined : 'asked-problem'}
          onFocus={(event) => event.target.select()}
          onChange={(event) => onChange(event.target.value)}
        />
        {problem !== null && (
          <p id="asked-problem" role="alert" className="bad">
            {problem}
          </p>
        )}
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {t('panels.cancel')}
        </button>
        <button type="submit" className="button primary" disabled={value.trim() === ''}>
          {action}
        </button>
      </div>
    </form>
  );
}

export function SaveDialog() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  const [name, setName] = useState(() => activeDocument().name);
  /** The name that a file was found under. */
  const [taken, setTaken] = useState<string | null>(null);
  const file = cleaned(name);
  const overwrite = taken !== null && taken === file;
  const submit = async (): Promise<void> => {
    if (file === '') return;
    if (await saveAs(file, overwrite)) show(null);
    else setTaken(file);
  };
  return (
    <Dialog title={t('file.saveTitle')} onClose={() => show(null)}>
      <NameForm
        value={name}
        label={t('file.name')}
        action={t(overwrite ? 'file.replace' : 'file.save')}
        problem={overwrite ? t('file.exists', { name: file }) : null}
        onChange={setName}
        onSubmit={() => void submit()}
        onCancel={() => show(null)}
      />
    </Dialog>
  );
}

export function NameDialog() {
  const { t } = useTranslation();
  const { show, question } = useInterface();
  const [name, setName] = useState(question?.value ?? '');
  if (question === null) return null;
  return (
    <Dialog title={question.title} onClose={() => show(null)}>
      <NameForm
        value={name}
        label={t('panels.name')}
        action={t('panels.ok')}
        onChange={setName}
        onSubmit={() => {
          show(null);
          question.answer(name.trim());
        }}
        onCancel={() => show(null)}
      />
    </Dialog>
  );
}
