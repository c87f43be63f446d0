/** Every command by its name, and open workflows to go to. */

import { Command as Cmdk } from 'cmdk';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { takeTypedAhead } from '../app/typedAhead';
import { useCommands } from '../commands/current';
import { ariaKeys, shownKeys } from '../commands/shortcuts';
import { canRun } from '../commands/table';
import { useDocuments } from '../state/documents';
import { Dialog } from './Dialog';
import './commandPalette.css';

export function CommandPalette() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  const commands = useCommands();
  const [text, setText] = useState('');
  const { documents, active, activate } = useDocuments();
  const after = (action: () => unknown): void => {
    show(null);
    // The dialog gives the focus back before the command may take it.
    setTimeout(action, 0);
  };
  return (
    <Dialog
      title={t('command.commands')}
      hideTitle
      onClose={() => show(null)}
      width={560}
      className="commands"
    >
      <Cmdk label={t('command.commands')} loop>
        <Cmdk.Input
          placeholder={t('commands.search')}
          value={text}
          onValueChange={setText}
          onFocus={() => setText((before) => before + takeTypedAhead())}
        />
        <Cmdk.List>
          <Cmdk.Empty className="empty">{t('commands.none')}</Cmdk.Empty>
          {commands.filter(canRun).map((each) => (
            <Cmdk.Item
              key={each.id}
              value={each.id}
              keywords={[t(each.title), t(`commands.group.${each.group}`)]}
              className="menu-item"
              aria-keyshortcuts={ariaKeys(each.keys)}
              onSelect={() => after(each.run)}
            >
              <span className="ellipsis">{t(each.title)}</span>
              <span className="muted command-group">{t(`commands.group.${each.group}`)}</span>
              {each.keys[0] !== undefined && <kbd className="key">{shownKeys(each.keys[0])}</kbd>}
            </Cmdk.Item>
          ))}
          {documents
            .filter((document) => document.id !== active)
            .map((document) => (
              <Cmdk.Item
                key={document.id}
                value={`tab-${document.id}`}
                keywords={[document.name]}
                className="menu-item"
                onSelect={() => after(() => activate(document.id))}
              >
                <span>
                  {t('commands.goTo', { name: document.name === '' ? t('app.untitled') : document.name })}
                </span>
              </Cmdk.Item>
            ))}
        </Cmdk.List>
      </Cmdk>
    </Dialog>
  );
}
