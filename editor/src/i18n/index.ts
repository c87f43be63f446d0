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

/** An extension may have brought Chinese texts before. */
let isChineseThere = false;

/** Loads the language where that is needed, then shows it. */
export async function changeLocale(locale: Locale): Promise<void> {
  if (locale === 'zh' && !isChineseThere) {
    const { chinese } = await import('./chinese');
    i18next.addResourceBundle('zh', NAMESPACE, chinese);
    isChineseThere = true;
  }
  await i18next.changeLanguage(locale);
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en';
}

/** Further sentences, such as an extension's; one that is there already keeps its words. */
export function addSentences(locale: Locale, sentences: Readonly<Record<string, string>>): void {
  i18next.addResourceBundle(locale, NAMESPACE, sentences);
}

export function localeNow(): Locale {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

/** For text outside of components, such as a message made by a command. */
export function translated(key: string, params: Readonly<Record<string, unknown>> = {}): string {
  return i18next.t(key, params);
}
