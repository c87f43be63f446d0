/** All keys at a glance. */

import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { shownKeys } from '../commands/shortcuts';
import { COMMANDS } from '../commands/table';
import type { Command, CommandGroup } from '../commands/types';
import { Dialog } from './Dialog';
import './shortcutSheet.css';

const GROUPS: readonly CommandGroup[] = ['run', 'file', 'edit', 'node', 'view', 'panels', 'arrange', 'help'];

export function ShortcutSheet() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  return (
    <Dialog title={t('command.shortcuts')} onClose={() => show(null)} width={820}>
      <div className="dialog-body sheet">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{t(`commands.group.${group}`)}</h3>
            <dl>
              {COMMANDS.filter((each) => each.group === group && each.keys.length > 0).map((each) => (
                <Row key={each.id} command={each} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Row({ command }: { readonly command: Command }) {
  const { t } = useTranslation();
  return (
    <div>
      <dt>{t(command.title)}</dt>
      <dd>
        {command.keys.map((keys) => (
          <kbd key={keys} className="key">
            {shownKeys(keys)}
          </kbd>
        ))}
      </dd>
    </div>
  );
}
