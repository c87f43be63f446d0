/** Opens the workflow that a picture of the server carries. */

import type { FileReference } from '../api/words';
import { openFiles } from '../app/files';
import { complain } from '../app/messages';
import { translated } from '../i18n';
import { addressOf } from './pictures';

export async function openWorkflowOf(file: FileReference): Promise<void> {
  try {
    const answer = await fetch(addressOf(file));
    if (!answer.ok) throw new Error(translated('gallery.gone'));
    await openFiles([new File([await answer.blob()], file.filename)]);
  } catch (error) {
    complain('file.notOpened', error, { name: file.filename });
  }
}
