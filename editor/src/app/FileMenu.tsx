/** The menu behind the sign of the program: files and what else is done to a workflow as a whole. */

import { ChevronDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { CommandItems } from '../panels/CommandItems';
import { Logo } from './Logo';

const IDS = [
  ...['file.new', 'file.open', 'file.templates', null, 'file.save', 'file.saveAs', null],
  ...[
    'file.export',
    'file.exportPrompt',
    null,
    'edit.undo',
    'edit.redo',
    'view.find',
    'arrange.all',
    'view.refresh',
  ],
  ...[null, 'view.theme', 'view.settings', 'help.commands', 'help.shortcuts'],
];

export function FileMenu() {
  const { t } = useTranslation();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="file-menu" aria-label={t('app.menu')}>
        <Logo />
        <ChevronDown size={13} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popup" align="start" sideOffset={4}>
          <CommandItems ids={IDS} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
