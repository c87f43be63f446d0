/** The bar of the mask editor: which picture, the steps, the zoom, and the two ways out. */

import { Maximize, Redo2, Undo2, ZoomIn, ZoomOut } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shownKeys } from '../../commands/shortcuts';
import type { MaskActions } from './keys';
import type { Session } from './useSession';
import type { View } from './view';

interface HeadingProps {
  readonly session: Session;
  readonly actions: MaskActions;
  readonly view: View;
  readonly name: string;
}

export function Heading({ session, actions, view, name }: HeadingProps) {
  const { t, i18n } = useTranslation();
  const { past, future } = session.history;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(view.scale);
  return (
    <header>
      <Dialog.Title className="ellipsis">{t('mask.title', { name })}</Dialog.Title>
      <span className="mask-bar">
        <Action
          label={t('mask.undo')}
          keys={shownKeys('$mod+z')}
          disabled={past.length === 0}
          onClick={actions.undo}
          icon={<Undo2 size={17} />}
        />
        <Action
          label={t('mask.redo')}
          keys={shownKeys('$mod+Shift+z')}
          disabled={future.length === 0}
          onClick={actions.redo}
          icon={<Redo2 size={17} />}
        />
      </span>
      <span className="mask-bar">
        <Action label={t('mask.zoomOut')} keys="−" onClick={actions.zoomOut} icon={<ZoomOut size={17} />} />
        <button
          type="button"
          className="button mask-percent number"
          title={`${t('mask.actual')} (1)`}
          aria-label={`${percent}: ${t('mask.actual')}`}
          onClick={actions.actual}
        >
          {percent}
        </button>
        <Action label={t('mask.zoomIn')} keys="+" onClick={actions.zoomIn} icon={<ZoomIn size={17} />} />
        <Action label={t('mask.fit')} keys="0" onClick={actions.fit} icon={<Maximize size={17} />} />
      </span>
      <span className="mask-end">
        <button type="button" className="button" disabled={session.isBusy} onClick={session.leave}>
          {t('panels.cancel')}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={session.isBusy}
          title={shownKeys('$mod+s')}
          onClick={session.save}
        >
          {session.isBusy ? t('mask.saving') : t('mask.save')}
        </button>
      </span>
    </header>
  );
}

interface ActionProps {
  readonly label: string;
  readonly keys: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
  readonly disabled?: boolean;
}

function Action({ label, keys, icon, onClick, disabled = false }: ActionProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={`${label} (${keys})`}
      disabled={disabled}
      onClick={onClick}
    >
      {icon}
    </button>
  );
}
