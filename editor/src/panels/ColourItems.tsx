/** Colours as a menu within a menu. */

import { Ban, ChevronRight } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { NODE_COLOURS } from '../theme/nodeColours';

export function ColourItems({ onPick }: { readonly onPick: (colour: string | null) => void }) {
  const { t } = useTranslation();
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className="menu-item">
        <span>{t('widgets.colour')}</span>
        <ChevronRight size={14} aria-hidden />
      </DropdownMenu.SubTrigger>
      <DropdownMenu.Portal>
        <DropdownMenu.SubContent className="popup" collisionPadding={8} sideOffset={2}>
          <DropdownMenu.Item className="menu-item" onSelect={() => onPick(null)}>
            <span className="menu-colour">
              <Ban size={14} aria-hidden />
              {t('widgets.colour.none')}
            </span>
          </DropdownMenu.Item>
          {NODE_COLOURS.map(([colour, key]) => (
            <DropdownMenu.Item key={colour} className="menu-item" onSelect={() => onPick(colour)}>
              <span className="menu-colour">
                <span className="swatch-dot" style={{ '--swatch': colour } as CSSProperties} />
                {t(key)}
              </span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}
