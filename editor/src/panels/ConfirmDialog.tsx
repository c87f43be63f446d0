/** Asks before something is lost for good. */

import { AlertDialog } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';

export function ConfirmDialog() {
  const { t } = useTranslation();
  const { doubt, show } = useInterface();
  if (doubt === null) return null;
  const confirm = (): void => {
    show(null);
    doubt.answer();
  };
  return (
    <AlertDialog.Root open onOpenChange={(open) => open || show(null)}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim" />
        <AlertDialog.Content className="dialog" aria-describedby={undefined}>
          <div className="dialog-body">
            <AlertDialog.Title className="question">{doubt.sentence}</AlertDialog.Title>
            <div className="dialog-actions">
              <AlertDialog.Cancel className="button">{t('panels.cancel')}</AlertDialog.Cancel>
              <button type="button" className="button danger" onClick={confirm}>
                {doubt.action}
              </button>
            </div>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
