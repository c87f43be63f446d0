/** All keys at a glance. */

import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { useCommands } from '../commands/current';
import { shownKeys } from '../commands/shortcuts';
import type { Command } from '../commands/types';
import { Dialog } from './Dialog';
import './shortcutSheet.css';

import { GROUPS } from '../commands/groups';

export function ShortcutSheet() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  const commands = useCommands().filter((each) => each.keys.length > 0);
  const groups = GROUPS.filter((group) => commands.some((each) => each.group === group));
  return (
    <Dialog title={t('command.shortcuts')} onClose={() => show(null)} width={820}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <div className="dialog-body sheet" tabIndex={0}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(`commands.group.${group}`)}</h3>
            <dl>
              {commands
                .filter((each) => each.group === group)
                .map((each) => (
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
