/** The server that the whole editor talks to: `api()`; tests put another one in its place. */

import { Client } from './client';
import type { Api } from './interface';

let current: Api | null = null;

export function api(): Api {
  current ??= new Client();
  return current;
}

export function setApi(next: Api | null): void {
  current = next;
}
