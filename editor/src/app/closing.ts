/** Closes tabs, and asks first where something would be lost. */

import { translated } from '../i18n';
import { activeDocument, isDirty, useDocuments } from '../state/documents';
import { useInterface } from './interface';

export function closeDocument(id: string = activeDocument().id): void {
  const { documents, close } = useDocuments.getState();
  const document = documents.find((each) => each.id === id);
  if (document === undefined) return;
  if (!isDirty(document)) {
    close(id);
    return;
  }
  const name = document.name === '' ? translated('app.untitled') : document.name;
  useInterface.getState().confirm({
    sentence: translated('app.confirmClose', { name }),
    action: translated('app.closeUnsaved'),
    answer: () => close(id),
  });
}
