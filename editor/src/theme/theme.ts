/** Puts the chosen theme on the page and follows the system's where that is chosen. */

export type ThemeChoice = 'system' | 'dark' | 'light';

const LIGHT = '(prefers-color-scheme: light)';

export function themeOf(choice: ThemeChoice): 'dark' | 'light' {
  if (choice !== 'system') return choice;
  return window.matchMedia(LIGHT).matches ? 'light' : 'dark';
}

/** Returns what ends it. */
export function applyTheme(choice: ThemeChoice): () => void {
  const apply = (): void => {
    document.documentElement.dataset.theme = themeOf(choice);
  };
  apply();
  const query = window.matchMedia(LIGHT);
  query.addEventListener('change', apply);
  return () => query.removeEventListener('change', apply);
}
