/** The tokenizer in the browser: its table is fetched when a prompt is first worked on, then kept. */

import address from 'virtual:clip-merges';
import { ClipTokenizer } from '../../model/clipTokenizer';

let loading: Promise<ClipTokenizer> | null = null;

/** Rejects where the table cannot be had; the next call asks again. */
export function loadTokenizer(): Promise<ClipTokenizer> {
  loading ??= fetched().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function fetched(): Promise<ClipTokenizer> {
  const answer = await fetch(address, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`the merge table is not there: ${answer.status}`);
  return new ClipTokenizer(await answer.text());
}
