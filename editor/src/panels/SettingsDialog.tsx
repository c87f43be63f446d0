/** How this browser shows the editor: its looks, its keys, and what node packs add to it. */

import { Tabs } from 'radix-ui';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { type SettingsSection, useInterface } from '../app/interface';
import { Dialog } from './Dialog';
import { ExtensionSettings } from './ExtensionSettings';
import { GeneralSettings } from './GeneralSettings';
import { KeySettings } from './KeySettings';
import { PackSettings } from './PackSettings';
import './settings.css';

const SECTIONS: readonly (readonly [id: SettingsSection, Section: ComponentType])[] = [
  ['general', GeneralSettings],
  ['keys', KeySettings],
  ['extensions', ExtensionSettings],
  ['packs', PackSettings],
];

export function SettingsDialog() {
  const { t } = useTranslation();
  const { show, section } = useInterface();
  return (
    <Dialog title={t('settings.title')} onClose={() => show(null)} width={680} className="settings-dialog">
      <Tabs.Root className="settings-tabs" defaultValue={section}>
        <Tabs.List className="settings-sections" aria-label={t('settings.title')}>
          {SECTIONS.map(([id]) => (
            <Tabs.Trigger key={id} value={id}>
              {t(`settings.section.${id}`)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {SECTIONS.map(([id, Section]) => (
          <Tabs.Content key={id} value={id} className="dialog-body settings">
            <Section />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Dialog>
  );
}
