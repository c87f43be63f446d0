/** The slim column of icons that open panels and dialogs. */

import {
  CircleHelp,
  Clock3,
  FolderOpen,
  Images,
  Keyboard,
  LayoutTemplate,
  ListTree,
  type LucideIcon,
  Plus,
  Settings,
  SlidersHorizontal,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../commands/current';
import { ariaKeys, shownKeys } from '../commands/shortcuts';
import { useConnection } from '../state/connection';
import { useInterface } from './interface';

export function Rail() {
  const { t } = useTranslation();
  const { left, right, dialog } = useInterface();
  const remaining = useConnection((state) => state.remaining);
  return (
    <nav className="rail" aria-label={t('app.rail')}>
      <RailButton id="node.add" icon={Plus} />
      <RailButton id="panels.workflows" icon={FolderOpen} open={left === 'workflows'} />
      <RailButton id="file.templates" icon={LayoutTemplate} open={dialog === 'templates'} />
      <RailButton id="panels.queue" icon={Clock3} open={left === 'queue'} badge={remaining} />
      <RailButton id="panels.gallery" icon={Images} open={left === 'gallery'} />
      <RailButton id="panels.outline" icon={ListTree} open={left === 'outline'} />
      <RailButton id="panels.inspector" icon={SlidersHorizontal} open={right === 'inspector'} />
      <span className="rail-gap" />
      <RailButton id="panels.help" icon={CircleHelp} open={right === 'help'} />
      <RailButton id="help.shortcuts" icon={Keyboard} open={dialog === 'shortcuts'} />
      <RailButton id="view.settings" icon={Settings} open={dialog === 'settings'} />
    </nav>
  );
}

interface RailButtonProps {
  readonly id: string;
  readonly icon: LucideIcon;
  readonly open?: boolean;
  readonly badge?: number;
}

function RailButton({ id, icon: Icon, open, badge = 0 }: RailButtonProps) {
  const { t } = useTranslation();
  const { title, keys, run } = useCommand(id);
  const name = t(title);
  return (
    <button
      type="button"
      className="icon-button"
      data-command={id}
      aria-label={badge > 0 ? `${name} (${badge})` : name}
      {...(open === undefined ? {} : { 'aria-expanded': open })}
      aria-keyshortcuts={ariaKeys(keys)}
      title={keys[0] === undefined ? name : `${name}  (${shownKeys(keys[0])})`}
      onClick={() => void run()}
    >
      <Icon size={19} />
      {badge > 0 && <span className="badge">{badge > 99 ? '99+' : badge}</span>}
    </button>
  );
}
