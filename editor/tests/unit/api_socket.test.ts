import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readFrame, type SocketEvent } from '../../src/api/frames';
import { Socket, type SocketStatus, type WebSocketLike } from '../../src/api/socket';

class Line implements WebSocketLike {
  binaryType = '';
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  readonly sent: string[] = [];
  isClosed = false;
  constructor(readonly address: string) {}
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.isClosed = true;
  }
  opened(): void {
    this.onopen?.(new Event('open'));
  }
  broken(): void {
    this.onclose?.(new CloseEvent('close'));
  }
}

let lines: Line[];
let events: SocketEvent[];
let statuses: SocketStatus[];
let socket: Socket;

beforeEach(() => {
  vi.useFakeTimers();
  [lines, events, statuses] = [[], [], []];
  socket = new Socket({
    clientId: 'me & you',
    onEvent: (event) => events.push(event),
    onStatus: (status) => statuses.push(status),
    connect: (address) => {
      const line = new Line(address);
      lines.push(line);
      return line;
    },
    random: () => 1,
  });
  socket.open();
});
afterEach(() => {
  socket.close();
  vi.useRealTimers();
});

describe('the connection', () => {
  it('names the client and says what it understands first', () => {
    lines[0]?.opened();
    expect(lines[0]?.address).toMatch(/^ws:.*\/ws\?clientId=me%20%26%20you$/);
    expect(JSON.parse(lines[0]?.sent[0] ?? '')).toEqual({
      type: 'feature_flags',
      data: { supports_preview_metadata: true, event_sequence: true },
    });
    expect(statuses).toEqual(['connecting', 'connected']);
  });

  it('comes back by itself, waiting longer each time, and at once when it worked', () => {
    lines[0]?.broken();
    vi.advanceTimersByTime(299);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(2);
    lines[1]?.broken();
    vi.advanceTimersByTime(599);
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(1);
    lines[2]?.opened();
    lines[2]?.broken();
    vi.advanceTimersByTime(300);
    expect(lines).toHaveLength(4);
    expect(statuses).toContain('lost');
  });

  it('tries again at once when asked to', () => {
    lines[0]?.broken();
    socket.retry();
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
  });

  it('ends for good', () => {
    socket.close();
    expect(lines[0]?.isClosed).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(1);
    expect(statuses.at(-1)).toBe('closed');
  });
});

describe('frames', () => {
  const text = (value: unknown) => readFrame(JSON.stringify(value));

  it('of text are events with their number', () => {
    expect(
      text({ type: 'status', data: { status: { exec_info: { queue_remaining: 2 } }, sid: 's' } }),
    ).toEqual({
      kind: 'status',
      remaining: 2,
      clientId: 's',
    });
    const progress = {
      type: 'progress',
      data: { prompt_id: 'p', node: '3', value: 1, max: 2 },
      seq: 4,
      run: 'p',
    };
    expect(text(progress)).toEqual({
      kind: 'run',
      event: { kind: 'progress', run: 'p', node: '3', value: 1, max: 2 },
      sequence: 4,
    });
    expect(text({ type: 'executing', data: { prompt_id: 'p', node: null } })).toMatchObject({
      event: { kind: 'end', run: 'p' },
      sequence: null,
    });
  });

  it('show what grew out of a node on that node', () => {
    const states = text({
      type: 'progress_state',
      data: {
        prompt_id: 'p',
        nodes: {
          'a.0': { state: 'running', value: 1, max: 4, display_node_id: '5' },
          'a.1': { state: 'finished', value: 1, max: 1, display_node_id: '5' },
        },
      },
    });
    const event = states?.kind === 'run' ? states.event : null;
    expect(event?.kind === 'states' && [...event.nodes]).toEqual([
      ['5', { state: 'running', value: 1, max: 4, seconds: null }],
    ]);
  });

  it('keep long numbers', () => {
    const frame =
      '{"type": "executed", "data": {"prompt_id": "p", "node": "1", "output": {"n": [18446744073709551615]}}}';
    expect(readFrame(frame)).toMatchObject({ event: { output: { n: [18446744073709551615n] } } });
  });

  it('that make no sense are nothing', () => {
    for (const bad of ['', '{', '[]', '{"type": 1}', 5, null, new ArrayBuffer(3)])
      expect(readFrame(bad)).toBeNull();
    expect(text({ type: 'execution_cached', data: { prompt_id: 'p', nodes: 3 } })).toEqual({
      kind: 'other',
      type: 'execution_cached',
    });
  });

  function binary(kind: number, word: number, ...parts: Uint8Array[]): ArrayBuffer {
    const bytes = new Uint8Array(8 + parts.reduce((sum, part) => sum + part.length, 0));
    new DataView(bytes.buffer).setUint32(0, kind);
    new DataView(bytes.buffer).setUint32(4, word);
    let at = 8;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes.buffer;
  }
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff]);

  it('of bytes are previews', () => {
    const about = new TextEncoder().encode(
      '{"node_id": "7:3", "prompt_id": "p", "image_type": "image/jpeg"}',
    );
    const found = readFrame(binary(4, about.length, about, jpeg));
    expect(found).toMatchObject({ kind: 'preview', run: 'p', node: '7:3' });
    expect(found?.kind === 'preview' && [found.image.type, found.image.size]).toEqual(['image/jpeg', 3]);
    expect(readFrame(binary(1, 2, jpeg))).toMatchObject({ kind: 'preview', run: null, node: null });
  });

  it('of bytes are no pictures of a kind that could run', () => {
    const about = new TextEncoder().encode('{"node_id": "3", "image_type": "image/svg+xml"}');
    expect(readFrame(binary(4, about.length, about, jpeg))).toBeNull();
    expect(readFrame(binary(1, 9, jpeg))).toBeNull();
    expect(readFrame(binary(4, 9999, about))).toBeNull();
  });

  it('of bytes are texts of nodes', () => {
    const [node, words] = [new TextEncoder().encode('12'), new TextEncoder().encode('half done')];
    expect(readFrame(binary(3, 2, node, words))).toEqual({ kind: 'text', node: '12', text: 'half done' });
  });
});
