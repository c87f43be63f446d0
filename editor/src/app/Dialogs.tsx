/** The one dialog that is open; larger ones are loaded when they are asked for. */

import { type ComponentType, lazy, Suspense, useLayoutEffect } from 'react';
import { ConfirmDialog } from '../panels/ConfirmDialog';
import { NameDialog, SaveDialog } from '../panels/NameDialog';
import { type DialogId, useInterface } from './interface';
import { keepTyping, takeTypedAhead } from './typedAhead';

const DIALOGS: Readonly<Record<DialogId, ComponentType>> = {
  commands: lazy(() =>
    import('../panels/CommandPalette').then((module) => ({ default: module.CommandPalette })),
  ),
  confirm: ConfirmDialog,
  find: lazy(() => import('../panels/FindDialog').then((module) => ({ default: module.FindDialog }))),
  name: NameDialog,
  save: SaveDialog,
  settings: lazy(() =>
    import('../panels/SettingsDialog').then((module) => ({ default: module.SettingsDialog })),
  ),
  shortcuts: lazy(() =>
    import('../panels/ShortcutSheet').then((module) => ({ default: module.ShortcutSheet })),
  ),
  templates: lazy(() =>
    import('../panels/TemplatesDialog').then((module) => ({ default: module.TemplatesDialog })),
  ),
};

export function Dialogs() {
  const dialog = useInterface((state) => state.dialog);
  if (dialog === null) return null;
  const Shown = DIALOGS[dialog];
  return (
    <Suspense fallback={<OnItsWay hasSearch={SEARCHED.has(dialog)} />}>
      <Shown />
    </Suspense>
  );
}

/** Those that begin with a search box take what was typed before they were there. */
const SEARCHED: ReadonlySet<DialogId> = new Set(['commands', 'find']);

function OnItsWay({ hasSearch }: { readonly hasSearch: boolean }) {
  useLayoutEffect(() => {
    keepTyping();
    return () => {
      // A search box takes it when it gets the keyboard; where none comes it is nobody's.
      if (!hasSearch || useInterface.getState().dialog === null) takeTypedAhead();
    };
  }, [hasSearch]);
  return null;
}
