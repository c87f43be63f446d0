/** The menu at the pointer: what can be done with the nodes that are selected, or with the empty place. */

import { DropdownMenu } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { isNarrow, type MenuPlace, useInterface } from '../app/interface';
import { useCommand, useNodeCommands } from '../commands/current';
import { shownKeys } from '../commands/shortcuts';
import { CommandItems } from './CommandItems';
import { useNodePalette } from './nodePaletteStore';

const OF_NODES = [
  ...['run.selected', null, 'edit.copy', 'edit.cut', 'edit.duplicate', 'node.rename', 'node.mask', null],
  ...['node.bypass', 'node.mute', 'node.collapse', 'node.group', null],
  ...['edit.selectUpstream', 'edit.selectDownstream', null],
  ...[
    'node.subgraph',
    'node.unpack',
    'node.enter',
    null,
    'node.compare',
    'panels.inspector',
    'panels.help',
    null,
  ],
  ...['edit.delete', 'edit.deleteReconnect'],
];
const OF_CANVAS = [
  ...['edit.paste', 'edit.pasteLinked', 'edit.selectAll', null, 'view.fit', 'arrange.all', 'view.find', null],
  ...['edit.undo', 'edit.redo', null, 'help.commands'],
];

export function ContextMenu() {
  const menu = useInterface((state) => state.menu);
  return menu === null ? null : <Menu key={menu.screen.join()} menu={menu} />;
}

function Menu({ menu }: { readonly menu: MenuPlace }) {
  const { t } = useTranslation();
  const openMenu = useInterface((state) => state.openMenu);
  const added = useNodeCommands();
  const ofNodes = added.length === 0 ? OF_NODES : [...OF_NODES, null, ...added];
  const [left, top] = menu.screen;
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => open || openMenu(null)}>
      <DropdownMenu.Trigger asChild>
        <button
          type="button"
          className="menu-anchor"
          tabIndex={-1}
          aria-label={t('panels.menu')}
          style={{ left, top }}
        />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="popup"
          // To the side it can be as high as the page; a narrow one has no room there.
          side={isNarrow() ? 'bottom' : 'right'}
          align="start"
          collisionPadding={8}
          sideOffset={0}
          aria-label={t('panels.menu')}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          {menu.node === null && <AddItems menu={menu} />}
          <CommandItems ids={menu.node === null ? OF_CANVAS : ofNodes} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function AddItems({ menu }: { readonly menu: MenuPlace }) {
  const { t } = useTranslation();
  const { keys } = useCommand('node.add');
  const add = (): void => {
    setTimeout(() => useNodePalette.getState().open({ screen: menu.screen, at: menu.at }), 0);
  };
  return (
    <>
      <DropdownMenu.Item className="menu-item" onSelect={add}>
        <span>{t('command.addNode')}</span>
        {keys[0] !== undefined && <kbd className="key">{shownKeys(keys[0])}</kbd>}
      </DropdownMenu.Item>
      <CommandItems ids={['node.note', null]} />
    </>
  );
}
