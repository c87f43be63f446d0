/** Commands as items of a menu, with their keys. */

import { DropdownMenu } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { useCommands } from '../commands/current';
import { ariaKeys, shownKeys } from '../commands/shortcuts';
import { canRun } from '../commands/table';

/** A null draws a line. */
export function CommandItems({ ids }: { readonly ids: readonly (string | null)[] }) {
  return ids.map((id, index) =>
    id === null ? (
      <DropdownMenu.Separator key={index} className="menu-line" />
    ) : (
      <CommandItem key={id} id={id} />
    ),
  );
}

function CommandItem({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const each = useCommands().find((known) => known.id === id);
  if (each === undefined || (each.isSpecial === true && !canRun(each))) return null;
  const about = each.about?.() ?? null;
  return (
    <DropdownMenu.Item
      className="menu-item"
      disabled={!canRun(each)}
      aria-keyshortcuts={ariaKeys(each.keys)}
      // The menu gives the focus back before the command may take it.
      onSelect={() => setTimeout(() => void each.run(), 0)}
    >
      <span>
        {t(each.title)}
        {about !== null && <span className="muted"> · {t(about)}</span>}
      </span>
      {each.keys[0] !== undefined && <kbd className="key">{shownKeys(each.keys[0])}</kbd>}
    </DropdownMenu.Item>
  );
}
