/** The websocket: comes back by itself when it breaks, and turns frames into typed events. */

import { readFrame, type SocketEvent } from './frames';

export type SocketStatus = 'connecting' | 'connected' | 'lost' | 'closed';

/** What of a browser's WebSocket is needed; tests have one of their own. */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface SocketOptions {
  readonly clientId: string;
  readonly onEvent: (event: SocketEvent) => void;
  /** `retryAt`: when the next attempt is made, as `Date.now()`. */
  readonly onStatus: (status: SocketStatus, retryAt: number | null) => void;
  readonly connect?: (address: string) => WebSocketLike;
  readonly random?: () => number;
}

const FIRST_WAIT = 300;
const LONGEST_WAIT = 15_000;
const FLAGS = { type: 'feature_flags', data: { supports_preview_metadata: true, event_sequence: true } };

export class Socket {
  private socket: WebSocketLike | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private attempts = 0;
  private isClosed = true;

  constructor(private readonly options: SocketOptions) {}

  open(): void {
    if (!this.isClosed) return;
    this.isClosed = false;
    globalThis.addEventListener?.('online', this.retry);
    this.attempt();
  }

  close(): void {
    this.isClosed = true;
    globalThis.removeEventListener?.('online', this.retry);
    this.stopWaiting();
    this.drop();
    this.options.onStatus('closed', null);
  }

  /** Try again at once, where an attempt is waited for. */
  readonly retry = (): void => {
    if (this.isClosed || this.timer === null) return;
    this.stopWaiting();
    this.attempt();
  };

  private attempt(): void {
    this.options.onStatus(this.attempts === 0 ? 'connecting' : 'lost', null);
    const connect = this.options.connect ?? ((address) => new WebSocket(address));
    try {
      this.listen(connect(addressOf(this.options.clientId)));
    } catch {
      this.wait();
    }
  }

  private listen(socket: WebSocketLike): void {
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.attempts = 0;
      socket.send(JSON.stringify(FLAGS));
      this.options.onStatus('connected', null);
    };
    socket.onmessage = (message) => {
      const event = readFrame(message.data);
      if (event !== null) this.options.onEvent(event);
    };
    socket.onclose = () => {
      this.drop();
      this.wait();
    };
  }

  private wait(): void {
    if (this.isClosed) return;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempts);
    this.attempts += 1;
    const wait = longest * (0.5 + (this.options.random ?? Math.random)() / 2);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.attempt();
    }, wait);
    this.options.onStatus('lost', Date.now() + wait);
  }

  private stopWaiting(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private drop(): void {
    const socket = this.socket;
    if (socket === null) return;
    this.socket = null;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

function addressOf(clientId: string): string {
  const address = new URL(`./ws?clientId=${encodeURIComponent(clientId)}`, document.baseURI);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}
