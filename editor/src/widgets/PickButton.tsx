/** A button that opens a list to pick from; what is in it is only made when it is opened. */

import { type ReactNode, useId, useRef, useState } from 'react';
import type { Json } from '../model/types';
import { ChoicePopover } from './ChoicePopover';
import type { Choice } from './choices';

interface PickButtonProps {
  readonly label: string;
  readonly className: string;
  readonly children: ReactNode;
  readonly choices: () => readonly Choice[];
  readonly chosen?: readonly Json[];
  readonly onPick: (choice: Json) => void;
}

const NOTHING: readonly Json[] = [];

export function PickButton({
  label,
  className,
  children,
  choices,
  chosen = NOTHING,
  onPick,
}: PickButtonProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState<readonly Choice[] | null>(null);
  const close = (): void => {
    setOpen(null);
    button.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={open !== null}
        aria-controls={open === null ? undefined : `${id}-popover`}
        onClick={() => setOpen((now) => (now === null ? choices() : null))}
      >
        {children}
      </button>
      {open !== null && (
        <ChoicePopover
          id={`${id}-popover`}
          anchor={button}
          label={label}
          choices={open}
          chosen={chosen}
          onPick={(choice) => {
            close();
            onPick(choice);
          }}
          onClose={close}
          onLeave={() => setOpen(null)}
        />
      )}
    </>
  );
}
