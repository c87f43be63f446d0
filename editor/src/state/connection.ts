/** Whether the server can be heard. `start.ts` opens the socket; this keeps what is known of it. */

import { create } from 'zustand';
import type { Socket } from '../api/socket';

export type ConnectionStatus = 'connecting' | 'connected' | 'lost';

export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** When the next attempt is made (as `Date.now()`), null while none is planned. */
  readonly retryAt: number | null;
  /** How many runs wait or are at work, of all clients. */
  readonly remaining: number;
  /** Under which id the server knows this tab. */
  readonly clientId: string;
  /** Try again at once. */
  retry(): void;
}

let socket: Socket | null = null;

export const useConnection = create<ConnectionState>()(() => ({
  status: 'connecting',
  retryAt: null,
  remaining: 0,
  clientId: '',
  retry: () => socket?.retry(),
}));

/** From now on `retry` is about this one; the one before is closed. */
export function setSocket(next: Socket | null, clientId: string): void {
  socket?.close();
  socket = next;
  useConnection.setState({ clientId });
}
