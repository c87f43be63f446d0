/** Finds nodes of the open level by title, kind or value, and goes there. */

import { Command as Cmdk } from 'cmdk';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { goTo } from '../app/problems';
import { takeTypedAhead } from '../app/typedAhead';
import { find } from '../model/select';
import type { GraphNode } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, useInner } from '../state/documents';
import { Dialog } from './Dialog';
import './commandPalette.css';

const MOST_SHOWN = 100;

export function FindDialog() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  const inner = useInner();
  const definitions = useDefinitions((state) => state.definitions);
  const [text, setText] = useState('');
  const found = text.trim() === '' ? [...inner.nodes.keys()] : [...find(inner, definitions, text)];
  const nodes = found.flatMap((id) => inner.nodes.get(id) ?? []).slice(0, MOST_SHOWN);
  const nameOf = (node: GraphNode): string =>
    node.title ?? definitions.get(node.type)?.displayName ?? node.type;
  const choose = (node: GraphNode): void => {
    show(null);
    setTimeout(() => goTo(activeDocument().path, node.id), 0);
  };
  return (
    <Dialog title={t('command.find')} hideTitle onClose={() => show(null)} width={520} className="commands">
      <Cmdk label={t('command.find')} shouldFilter={false} loop>
        <Cmdk.Input
          placeholder={t('find.search')}
          value={text}
          onValueChange={setText}
          onFocus={() => setText((before) => before + takeTypedAhead())}
        />
        <Cmdk.List>
          <Cmdk.Empty className="empty">{t('find.none')}</Cmdk.Empty>
          {nodes.map((node) => (
            <Cmdk.Item key={node.id} value={node.id} className="menu-item" onSelect={() => choose(node)}>
              <span className="ellipsis">{nameOf(node)}</span>
              <span className="muted">#{node.id}</span>
            </Cmdk.Item>
          ))}
        </Cmdk.List>
      </Cmdk>
    </Dialog>
  );
}
