/** The language of the page and of the nodes on it, which are two: what nodes say comes from the server. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { changeLocale, type Locale } from '../i18n';
import { NO_PACK_WORDS, type PackWords, packWordsIn } from '../model/packWords';
import { NO_WORDS, type Words } from '../model/spoken';
import type { Json } from '../model/types';
import { useDefinitions } from './definitions';

let chinese: Words | null = null;

/** The same object every time, so that definitions that were translated are not so again. */
async function wordsOf(locale: Locale): Promise<Words> {
  if (locale === 'en') return NO_WORDS;
  chinese ??= (await import('../i18n/nodes.zh.json')).default;
  return chinese;
}

let answer: Promise<Json> | null = null;
/** The same object every time, for the same reason. */
const found = new Map<Locale, PackWords>();

/** What the packs of the server say in their languages; a server that does not answer is asked again the next time. */
async function packWords(locale: Locale): Promise<PackWords> {
  try {
    answer ??= api().getJson('i18n');
    const words = packWordsIn(await answer, locale);
    const known = found.get(locale) ?? words;
    found.set(locale, known);
    return known;
  } catch (error) {
    answer = null;
    if (!(error instanceof ApiError)) throw error;
    return NO_PACK_WORDS;
  }
}

let wanted: Locale | null = null;

/** Loads the language where that is needed, then shows everything in it; what packs say of their nodes follows. */
export async function speak(locale: Locale): Promise<void> {
  wanted = locale;
  const words = await wordsOf(locale);
  await changeLocale(locale);
  if (wanted !== locale) return;
  useDefinitions.getState().speak(words, found.get(locale));
  void packWords(locale).then((packs) => {
    if (wanted === locale) useDefinitions.getState().speak(words, packs);
  });
}
