/** Starts translation: English is part of the page, other languages come when they are chosen; parts are merged. */

import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { english } from './english';

export type Locale = 'en' | 'zh';
export const LOCALES: readonly { readonly id: Locale; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'zh', name: '中文' },
];
const NAMESPACE = 'translation';

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  // Keys are flat: `node.add` is one name, not a path.
  keySeparator: false,
  nsSeparator: false,
  resources: { en: { [NAMESPACE]: english } },
  interpolation: { escapeValue: false },
  initAsync: false,
});

/** Loads the language where that is needed, then shows it. */
export async function changeLocale(locale: Locale): Promise<void> {
  if (locale === 'zh' && !i18next.hasResourceBundle('zh', NAMESPACE)) {
    const { chinese } = await import('./chinese');
    i18next.addResourceBundle('zh', NAMESPACE, chinese);
  }
  await i18next.changeLanguage(locale);
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en';
}

/** For text outside of components, such as a message made by a command. */
export function translated(key: string, params: Readonly<Record<string, unknown>> = {}): string {
  return i18next.t(key, params);
}
