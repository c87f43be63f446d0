/** Files on their way to the server, by the node they are for; kept apart from its view, which comes and goes. */

import { create } from 'zustand';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { Uploaded } from '../api/words';
import { useDefinitions } from '../state/definitions';
import { changeValuesAt, keyOf, type Place } from './change';

/** `busy`: on its way; `failed`: why not, in the server's words. */
export type UploadState =
  | { readonly status: 'busy'; readonly name: string }
  | { readonly status: 'failed'; readonly sentence: string };

interface Uploads {
  readonly states: ReadonlyMap<string, UploadState>;
}

export const useUploads = create<Uploads>()(() => ({ states: new Map() }));

function put(key: string, state: UploadState | null): void {
  useUploads.setState(({ states }) => {
    const next = new Map(states);
    if (state === null) next.delete(key);
    else next.set(key, state);
    return { states: next };
  });
}

/** Sends a file and lets the widget choose it. */
export async function uploadFor(place: Place, widget: string, file: File): Promise<void> {
  const key = keyOf(place);
  put(key, { status: 'busy', name: file.name });
  try {
    const uploaded = await api().uploadImage(file, file.name);
    changeValuesAt(place, new Map([[widget, nameOf(uploaded)]]), 'step.upload');
    put(key, null);
    void useDefinitions.getState().refresh();
  } catch (error) {
    put(key, { status: 'failed', sentence: sentenceOf(error) });
  }
}

/** As a choice names it: its folder before it, and what it lies in where that is not the input folder. */
function nameOf({ name, subfolder, type }: Uploaded): string {
  const path = subfolder === '' ? name : `${subfolder}/${name}`;
  return type === '' || type === 'input' ? path : `${path} [${type}]`;
}

function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return [error.message, error.remedy].filter((part) => part !== '').join(' ');
  return error instanceof Error ? error.message : String(error);
}
