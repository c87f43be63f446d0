/** What can go wrong between the editor and the server, with the server's own words. */

import type { ErrorEntry, NodeErrors } from './words';

/** `offline`: no answer; `refused`: one with an error; `nonsense`: one that cannot be read; `aborted`: we gave up. */
export type ApiErrorKind = 'offline' | 'refused' | 'nonsense' | 'aborted';

/** `message` is the sentence to show; `remedy` says what to do, where the server said so, else it is empty. */
export class ApiError extends Error {
  constructor(
    readonly kind: ApiErrorKind,
    readonly status: number,
    readonly code: string,
    sentence: string,
    readonly remedy: string = '',
    readonly entry: ErrorEntry | null = null,
    readonly nodeErrors: NodeErrors = {},
    /** Seconds after which to ask again, null where the server did not say. */
    readonly retryAfter: number | null = null,
  ) {
    super(sentence);
    this.name = 'ApiError';
  }
}
