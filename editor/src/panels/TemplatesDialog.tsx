/** Ready workflows as cards, to begin from. */

import { Workflow } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { complain, sentenceOf } from '../app/messages';
import { Dialog } from './Dialog';
import { listTemplates, openTemplate, pictureOf, type Template } from './templates';
import './templates.css';

function useTemplates(): { readonly templates: readonly Template[] | null; readonly problem: string | null } {
  const [templates, setTemplates] = useState<readonly Template[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    listTemplates(stop.signal)
      .then(setTemplates)
      .catch((error: unknown) => stop.signal.aborted || setProblem(sentenceOf(error)));
    return () => stop.abort();
  }, []);
  return { templates, problem };
}

export function TemplatesDialog() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  const { templates, problem } = useTemplates();
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/u);
  const shown = (templates ?? []).filter((template) =>
    words.every((word) => `${template.title} ${template.description}`.toLowerCase().includes(word)),
  );
  const open = (template: Template): void => {
    show(null);
    openTemplate(template).catch((error: unknown) =>
      complain('templates.notOpened', error, { name: template.title }),
    );
  };
  return (
    <Dialog title={t('templates.title')} onClose={() => show(null)} width={880}>
      <div className="dialog-body templates">
        <input
          type="search"
          className="text-field"
          placeholder={t('templates.search')}
          aria-label={t('templates.search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {problem !== null && <p className="empty bad">{problem}</p>}
        {templates !== null && shown.length === 0 && <p className="empty">{t('templates.none')}</p>}
        <ul>
          {shown.map((template) => (
            <li key={template.name}>
              <button type="button" className="template" onClick={() => open(template)}>
                <Picture template={template} />
                <strong>{template.title}</strong>
                <span className="muted">{template.description}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

function Picture({ template }: { readonly template: Template }) {
  return (
    <span className="template-picture">
      {template.picture ? <img src={pictureOf(template)} alt="" loading="lazy" /> : <Workflow size={28} />}
    </span>
  );
}
