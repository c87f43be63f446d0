/** A server in memory with one open document and a listener, for the tests of runs. */

import { act } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import type { FakeServer } from '../../src/api/fake';
import { readFrame } from '../../src/api/frames';
import { useConnection } from '../../src/state/connection';
import { useDefinitions } from '../../src/state/definitions';
import { useDocuments } from '../../src/state/documents';
import { type Run, runListener, useRuns } from '../../src/state/runs';
import { fakeServer, smallGraph } from './stateSupport';

export interface Stage {
  readonly server: FakeServer;
  readonly document: string;
  /** Addresses of pictures that were made, and that were given up. */
  readonly made: string[];
  readonly revoked: string[];
}

export const state = () => useRuns.getState();
export const run = (id: string): Run | undefined => state().runs.get(id);

/** As after a reload. */
export function forgetRuns(): void {
  useRuns.setState({
    runs: new Map(),
    shown: new Map(),
    previews: new Map(),
    outputs: new Map(),
    texts: new Map(),
    problems: new Map(),
  });
}

/** Lets the listener hear what the server tells. */
export function listen(server: FakeServer): void {
  const socket = server.connect();
  socket.onmessage = (message) => {
    const event = readFrame(message.data);
    if (event !== null) act(() => runListener.hear(event));
  };
}

export async function submitted(options = {}): Promise<string> {
  const { ids } = await act(() => state().submit(options));
  return ids[0] ?? '';
}

/** Sets the stage anew for each test; what it gives back is filled by then. */
export function staged(): Stage {
  const stage = { server: fakeServer(), document: '', made: [] as string[], revoked: [] as string[] };
  beforeEach(async () => {
    localStorage.clear();
    sessionStorage.clear();
    stage.server = fakeServer();
    listen(stage.server);
    forgetRuns();
    useConnection.setState({ clientId: 'me', status: 'connected' });
    useDefinitions.setState({ status: 'idle' });
    await useDefinitions.getState().load();
    stage.document = useDocuments.getState().open('a', smallGraph());
    stage.made.length = 0;
    stage.revoked.length = 0;
    vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
      stage.made.push(`blob:${stage.made.length}`);
      return stage.made.at(-1) ?? '';
    });
    vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void stage.revoked.push(String(url)));
  });
  afterEach(() => setApi(null));
  return stage;
}
