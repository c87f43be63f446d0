/** Short messages at the edge of the page, in the chosen language. */

import { toast } from 'sonner';
import { ApiError } from '../api/errors';
import { translated } from '../i18n';
import { FormatError } from '../model/formatError';

type Params = Readonly<Record<string, unknown>>;

export function tell(key: string, params: Params = {}): void {
  toast.success(translated(key, params), { duration: 2200 });
}

export function warn(key: string, params: Params = {}): void {
  toast.warning(translated(key, params));
}

/** What went wrong with what was tried, with the server's sentence and remedy where it gave them. */
export function complain(key: string, error: unknown, params: Params = {}): void {
  toast.error(translated(key, params), { description: sentenceOf(error) });
}

export function sentenceOf(error: unknown): string {
  if (error instanceof FormatError) return translated(error.key, error.params);
  if (error instanceof ApiError && error.remedy !== '') return `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
