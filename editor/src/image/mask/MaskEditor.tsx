/** Paints the mask of a picture that a node reads: over the whole page, until it is saved or given up. */

import { Dialog } from 'radix-ui';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type MaskTarget, useMaskEditor } from '../maskTarget';
import { keyOf } from '../pictures';
import { focusAfter } from './focus';
import type { Inside } from './keys';
import { loadPicture, type Paintable } from './loadPicture';
import { Painter } from './Painter';
import './mask.css';

export function MaskEditor() {
  const target = useMaskEditor((state) => state.target);
  return target === null ? null : <Open key={keyOf(target.file)} target={target} />;
}

function Open({ target }: { readonly target: MaskTarget }) {
  const close = useMaskEditor((state) => state.close);
  const inside = useRef<Inside>({ leave: close, onKey: () => {} });
  return (
    <Dialog.Root open onOpenChange={(open) => open || inside.current.leave()}>
      <Dialog.Portal>
        <Dialog.Content
          className="mask-editor"
          aria-describedby={undefined}
          onKeyDown={(event) => inside.current.onKey(event)}
          onCloseAutoFocus={() => focusAfter(target.place.node)}
          // A question or a message over it is no way out of it.
          onInteractOutside={(event) => event.preventDefault()}
        >
          <Content target={target} inside={inside} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface ContentProps {
  readonly target: MaskTarget;
  readonly inside: RefObject<Inside>;
}

function Content({ target, inside }: ContentProps) {
  const { t } = useTranslation();
  const [picture, setPicture] = useState<Paintable | 'failed' | null>(null);
  const { filename: name } = target.file;
  useEffect(() => {
    let isWanted = true;
    loadPicture(target.file).then(
      (loaded) => isWanted && setPicture(loaded),
      () => isWanted && setPicture('failed'),
    );
    return () => {
      isWanted = false;
    };
  }, [target.file]);
  if (picture !== null && picture !== 'failed') {
    return <Painter target={target} picture={picture} inside={inside} />;
  }
  return (
    <>
      <header>
        <Dialog.Title className="ellipsis">{t('mask.title', { name })}</Dialog.Title>
        <span className="mask-end">
          <Dialog.Close className="button">{t('panels.close')}</Dialog.Close>
        </span>
      </header>
      <div className="mask-waiting">
        {picture === 'failed' ? (
          <p role="alert">{t('mask.notLoaded', { name })}</p>
        ) : (
          <p role="status" className="muted">
            {t('mask.loading')}
          </p>
        )}
      </div>
    </>
  );
}
