/** Where the page begins: language and theme first, so that nothing flickers, then the editor. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/tokens.css';
import './theme/base.css';
import './theme/forced.css';
import { App } from './app/App';
import { speak } from './state/language';
import { useSettings } from './state/settings';
import { start } from './state/start';
import { applyTheme } from './theme/theme';

async function begin(root: HTMLElement): Promise<void> {
  applyTheme(useSettings.getState().theme)();
  await speak(useSettings.getState().locale);
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  await start();
  // Extensions of packs, and what became of these, come when what was open is on the screen.
  requestAnimationFrame(() => {
    void import('./extensions/start').then((module) => module.startExtensions());
    void import('./state/packNews').then((module) => module.askForPacks());
  });
}

const root = document.getElementById('root');
if (root !== null) void begin(root);
