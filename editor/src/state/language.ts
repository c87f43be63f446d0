/** The language of the page and of the nodes on it, which are two: what nodes say comes from the server. */

import { changeLocale, type Locale } from '../i18n';
import { NO_WORDS, type Words } from '../model/spoken';
import { useDefinitions } from './definitions';

let chinese: Words | null = null;

/** The same object every time, so that definitions that were translated are not so again. */
async function wordsOf(locale: Locale): Promise<Words> {
  if (locale === 'en') return NO_WORDS;
  chinese ??= (await import('../i18n/nodes.zh.json')).default;
  return chinese;
}

/** Loads the language where that is needed, then shows everything in it. */
export async function speak(locale: Locale): Promise<void> {
  const words = await wordsOf(locale);
  await changeLocale(locale);
  useDefinitions.getState().speak(words);
}
