/** The way into the subgraph that is open, and back out. */

import { ChevronRight, CornerLeftUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { insideOf } from '../model/graph';
import { type Document, useActiveDocument, useDocuments } from '../state/documents';

/** The names of the instances that are open, from the outside in. */
function namesOf(document: Document): readonly string[] {
  return document.path.map((id, depth) => {
    const node = insideOf(document.graph, document.path.slice(0, depth))?.nodes.get(id);
    const name = node === undefined ? undefined : document.graph.subgraphs.get(node.type)?.name;
    return node?.title ?? name ?? `#${id}`;
  });
}

export function Breadcrumb() {
  const { t } = useTranslation();
  const document = useActiveDocument();
  const leave = useDocuments((state) => state.leave);
  if (document.path.length === 0) return null;
  const names = [document.name === '' ? t('app.untitled') : document.name, ...namesOf(document)];
  return (
    <nav className="breadcrumb" aria-label={t('app.breadcrumb')}>
      <button
        type="button"
        className="icon-button"
        title={t('command.leave')}
        aria-label={t('command.leave')}
        onClick={() => leave(document.path.length - 1)}
      >
        <CornerLeftUp size={16} />
      </button>
      <ol>
        {names.map((name, depth) => (
          <li key={document.path.slice(0, depth).join(':')}>
            {depth > 0 && <ChevronRight size={14} aria-hidden="true" />}
            <button
              type="button"
              aria-current={depth === names.length - 1 ? 'page' : undefined}
              onClick={() => leave(depth)}
            >
              <span className="ellipsis">{name}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
