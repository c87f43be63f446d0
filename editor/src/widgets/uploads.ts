/** Files on their way to the server, by the node they are for; kept apart from its view, which comes and goes. */

import { create } from 'zustand';
import { api } from '../api/current';
import { ApiError } from '../api/errors';
import type { Uploaded } from '../api/words';
import { folderOf } from '../canvas/chosenFile';
import type { Widget } from '../model/definition';
import { useDefinitions } from '../state/definitions';
import { adjustValuesAt, changeValuesAt, keyOf, type Place } from './change';

/** `busy`: on its way; `failed`: why not, in the server's words. */
export type UploadState =
  | {
      readonly status: 'busy';
      readonly name: string;
      /** How much of it has been sent, from 0 to 1; null as long as that is not known. */
      readonly part: number | null;
      /** Gives it up. */
      readonly cancel: () => void;
    }
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

export interface UploadTo {
  readonly place: Place;
  /** The one that names the file then. */
  readonly widget: Widget;
  /** Whether that is no step of the history, as it belongs to one that was made already. */
  readonly isQuiet?: boolean;
}

/** Sends a file and lets the widget choose it; one that is still on its way to the same node is given up. */
export async function uploadFor({ place, widget, isQuiet }: UploadTo, file: File): Promise<void> {
  const key = keyOf(place);
  const before = useUploads.getState().states.get(key);
  if (before?.status === 'busy') before.cancel();
  const stop = new AbortController();
  const tell = (part: number | null): void => {
    if (!stop.signal.aborted) put(key, { status: 'busy', name: file.name, part, cancel });
  };
  const cancel = (): void => {
    stop.abort();
    put(key, null);
  };
  tell(null);
  try {
    const uploaded = await api().uploadImage(file, file.name, {
      type: folderOf(widget),
      signal: stop.signal,
      onProgress: tell,
    });
    if (stop.signal.aborted) return;
    const named = new Map([[widget.name, nameOf(uploaded)]]);
    if (isQuiet === true) adjustValuesAt(place, named);
    else changeValuesAt(place, named, 'step.upload');
    put(key, null);
    void useDefinitions.getState().refresh();
  } catch (error) {
    if (!stop.signal.aborted) put(key, { status: 'failed', sentence: sentenceOf(error) });
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
