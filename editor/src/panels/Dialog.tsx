/** A dialog with a title and a way out; the page behind it rests. */

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly width?: number;
  readonly className?: string;
  readonly hideTitle?: boolean;
}

export function Dialog({ title, onClose, children, width, className, hideTitle }: DialogProps) {
  const { t } = useTranslation();
  const style = width === undefined ? {} : ({ '--dialog-width': `${width}px` } as CSSProperties);
  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content className={`dialog ${className ?? ''}`} style={style} aria-describedby={undefined}>
          {hideTitle === true ? (
            <Radix.Title className="visually-hidden">{title}</Radix.Title>
          ) : (
            <header>
              <Radix.Title>{title}</Radix.Title>
              <Radix.Close className="icon-button" aria-label={t('panels.close')}>
                <X size={16} />
              </Radix.Close>
            </header>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
