/** The menu of the selected pictures at the pointer. */

import { DropdownMenu } from 'radix-ui';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { shownKeys } from '../../commands/shortcuts';
import { ACTIONS } from './actions';
import { chosenFiles, useGallery } from './store';

interface GalleryMenuProps {
  readonly place: readonly [x: number, y: number];
  readonly onClose: () => void;
  /** Gets the keyboard back. */
  readonly grid: RefObject<HTMLElement | null>;
}

export function GalleryMenu({ place: [left, top], onClose, grid }: GalleryMenuProps) {
  const { t } = useTranslation();
  const files = chosenFiles(useGallery((state) => state.chosen));
  return (
    <DropdownMenu.Root key={`${left} ${top}`} open modal={false} onOpenChange={(open) => open || onClose()}>
      <DropdownMenu.Trigger asChild>
        <span className="menu-anchor" style={{ left, top }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="popup"
          side="right"
          align="start"
          collisionPadding={8}
          aria-label={t('gallery.actions')}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            grid.current?.focus({ preventScroll: true });
          }}
        >
          {ACTIONS.map(({ id, keys, fits, run }) => (
            <DropdownMenu.Item
              key={id}
              className="menu-item"
              disabled={!fits(files.length)}
              // The menu gives the focus back before a dialog may take it.
              onSelect={() => setTimeout(() => run(files), 0)}
            >
              <span>{t(`gallery.action.${id}`)}</span>
              {keys !== undefined && <kbd className="key">{shownKeys(keys)}</kbd>}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
