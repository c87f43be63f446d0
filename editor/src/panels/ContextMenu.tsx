/** The menu at the pointer: what can be done with the nodes that are selected, or with the empty place. */

import { DropdownMenu } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { isNarrow, type MenuPlace, useInterface } from '../app/interface';
import { useCommand, useNodeCommands } from '../commands/current';
import { hasGroups, selectedGroups } from '../commands/selected';
import { shownKeys } from '../commands/shortcuts';
import { editGroup } from '../model/edit_groups';
import { useDocuments } from '../state/documents';
import { ColourItems } from './ColourItems';
import { CommandItems } from './CommandItems';
import { useNodePalette } from './nodePaletteStore';

const OF_NODES = [
  ...['run.selected', null, 'edit.copy', 'edit.cut', 'edit.duplicate', 'node.rename', 'node.mask', null],
  ...['node.bypass', 'node.mute', 'node.collapse', 'node.hideInputs', 'node.group', null],
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
const OF_GROUPS = [
  ...['group.run', null, 'group.bypass', 'group.mute', 'group.fit', 'group.select', 'node.rename'],
];
const AFTER_COLOURS = [...[null, 'panels.inspector', null, 'edit.delete', 'group.remove']];
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
          {menu.node !== null && <CommandItems ids={ofNodes} />}
          {menu.node === null && hasGroups() && <GroupItems />}
          {menu.node === null && !hasGroups() && (
            <>
              <AddItems menu={menu} />
              <CommandItems ids={OF_CANVAS} />
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function GroupItems() {
  return (
    <>
      <CommandItems ids={OF_GROUPS} />
      <ColourItems onPick={paintGroups} />
      <CommandItems ids={AFTER_COLOURS} />
    </>
  );
}

function paintGroups(color: string | null): void {
  const ids = selectedGroups().map(({ id }) => id);
  useDocuments
    .getState()
    .edit('step.coloured', (graph) => ids.reduce((now, id) => editGroup(now, id, { color }), graph));
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
