/** What the pack of a node says of it at length: a page of Markdown in its web folder. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { NodeDefinition } from '../model/definition';

const PACK = 'custom_nodes.';
const MOST_LETTERS = 200_000;

/** Asked for once in a language; null for none. */
const pages = new Map<string, Promise<string | null>>();

function addressOf({ id, module }: NodeDefinition, locale: string): string | null {
  if (!module.startsWith(PACK)) return null;
  const pack = encodeURIComponent(module.slice(PACK.length));
  return `extensions/${pack}/docs/${encodeURIComponent(id)}/${locale}.md`;
}

async function asked(address: string): Promise<string | null> {
  try {
    const text = await api().getText(address);
    return text === null || text.trim() === '' ? null : text.slice(0, MOST_LETTERS);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // It is asked for again the next time.
    pages.delete(address);
    return null;
  }
}

/** The page of a kind of node in the language of the editor, else in English; null while or where there is none. */
export function useNodePage(definition: NodeDefinition): string | null {
  const { i18n } = useTranslation();
  const address = addressOf(definition, i18n.language);
  const [found, setFound] = useState<{ readonly address: string; readonly text: string | null } | null>(null);
  useEffect(() => {
    if (address === null) return;
    let isWanted = true;
    const page = pages.get(address) ?? asked(address);
    pages.set(address, page);
    void page.then((text) => isWanted && setFound({ address, text }));
    return () => {
      isWanted = false;
    };
  }, [address]);
  return found?.address === address ? found.text : null;
}
