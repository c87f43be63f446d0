/** The page: a bar with tabs, a rail of panels, the canvas, and what opens over it. */

import { lazy, Suspense, useEffect } from 'react';
import { Toaster } from 'sonner';
import { GraphCanvas } from '../canvas/GraphCanvas';
import { useCommands } from '../commands/current';
import { bindShortcuts } from '../commands/shortcuts';
import { useMaskEditor } from '../image/maskTarget';
import { ContextMenu } from '../panels/ContextMenu';
import { NodePalette } from '../panels/NodePalette';
import { followAutoRun } from '../state/autoRun';
import { speak } from '../state/language';
import { useSettings } from '../state/settings';
import { applyTheme, themeOf } from '../theme/theme';
import { Announcer } from './Announcer';
import { Breadcrumb } from './Breadcrumb';
import { bindClipboard } from './clipboard';
import { Dialogs } from './Dialogs';
import { ErrorBoundary } from './ErrorBoundary';
import { keepFocus } from './focus';
import { useInterface } from './interface';
import { warn } from './messages';
import { PageTitle } from './PageTitle';
import { LeftSide, RightSide } from './Panels';
import { Rail } from './Rail';
import { SkipLink } from './SkipLink';
import { TopBar } from './TopBar';
import './app.css';

const Lightbox = lazy(() => import('../image/Lightbox').then((module) => ({ default: module.Lightbox })));
const MaskEditor = lazy(() =>
  import('../image/mask/MaskEditor').then((module) => ({ default: module.MaskEditor })),
);

const Comparison = lazy(() =>
  import('../image/compare/Comparison').then((module) => ({ default: module.Comparison })),
);

/** Messages stand below the bar. */
const TOP = { top: 'calc(var(--bar) + 10px)' };

export function App() {
  const commands = useCommands();
  const isLooking = useInterface((state) => state.lightbox !== null);
  const isMasking = useMaskEditor((state) => state.target !== null);
  const isComparing = useInterface((state) => state.comparison !== null);
  const theme = useSettings((state) => state.theme);
  const locale = useSettings((state) => state.locale);
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => void speak(locale), [locale]);
  useEffect(() => bindShortcuts(commands), [commands]);
  useEffect(() => bindClipboard(), []);
  useEffect(() => followAutoRun((why) => warn(why === 'error' ? 'run.auto.stopped' : 'run.auto.ended')), []);
  useEffect(() => keepFocus(), []);
  return (
    <ErrorBoundary>
      <SkipLink />
      <div className="app">
        <TopBar />
        <Rail />
        <LeftSide />
        <main className="app-canvas">
          <Breadcrumb />
          <ErrorBoundary>
            <GraphCanvas />
          </ErrorBoundary>
        </main>
        <RightSide />
      </div>
      <NodePalette />
      <ContextMenu />
      <Dialogs />
      <Suspense>{isLooking && <Lightbox />}</Suspense>
      <Suspense>{isMasking && <MaskEditor />}</Suspense>
      <Suspense>{isComparing && <Comparison />}</Suspense>
      <PageTitle />
      <Announcer />
      <Toaster
        theme={themeOf(theme)}
        position="top-center"
        offset={TOP}
        mobileOffset={TOP}
        visibleToasts={4}
      />
    </ErrorBoundary>
  );
}
