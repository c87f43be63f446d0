/** Where the keyboard goes when pictures are shown over the whole page, and when that is over. */

import { useState } from 'react';

interface DialogFocus {
  readonly onOpenAutoFocus: (event: Event) => void;
  readonly onCloseAutoFocus: (event: Event) => void;
}

/** At the end it goes back to where it was at the beginning, unless something else has taken it. */
export function useDialogFocus(): DialogFocus {
  const [before] = useState(() => document.activeElement);
  const onCloseAutoFocus = (event: Event): void => {
    event.preventDefault();
    const isFree = document.activeElement === null || document.activeElement === document.body;
    if (isFree && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  return { onOpenAutoFocus: focusWhole, onCloseAutoFocus };
}

/** Keys work at once, and no button looks as if it had been pressed. */
function focusWhole(event: Event): void {
  event.preventDefault();
  if (event.target instanceof HTMLElement) event.target.focus();
}
