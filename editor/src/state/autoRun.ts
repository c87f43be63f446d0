/**
 * Runs a workflow by itself: when it was changed, or again as soon as it is done.
 *
 * It belongs to the document for which it was turned on, and is over with the first error, so that nothing fails again
 * and again unseen. The same prompt is not handed in twice: where nothing would change it waits for a change.
 */

import { create } from 'zustand';
import { FormatError } from '../model/formatError';
import { stringifyJson } from '../model/json';
import { toPrompt } from '../model/prompt';
import type { Graph } from '../model/types';
import { useConnection } from './connection';
import { useDefinitions } from './definitions';
import { activeDocument, useDocuments } from './documents';
import { useRuns } from './runs';
import { isOpen } from './runTypes';
import { withNextSeeds } from './seedsUsed';

export type AutoMode = 'off' | 'change' | 'instant';
export const AUTO_MODES: readonly AutoMode[] = ['off', 'change', 'instant'];

/** Typing is over when nothing has changed for so long. */
const QUIET_MILLISECONDS = 400;

interface AutoRun {
  readonly mode: AutoMode;
  /** Empty while it is off. */
  readonly document: string;
  /** Nothing runs, since the same again would change nothing. */
  readonly isIdle: boolean;
  /** Turns it on for the active document, or off. */
  readonly set: (mode: AutoMode) => void;
}

const OFF = { mode: 'off', document: '', isIdle: false } as const;

export const useAutoRun = create<AutoRun>()((set) => ({
  ...OFF,
  set: (mode) => set(mode === 'off' ? OFF : { mode, document: activeDocument().id, isIdle: false }),
}));

/** `onStopped`: it was turned off by something else than its user. Returns what ends it. */
export function followAutoRun(onStopped: (why: 'error' | 'ended') => void): () => void {
  const follower = new Follower(onStopped);
  const ends = [
    useAutoRun.subscribe((state, before) => {
      if (state.mode !== before.mode || state.document !== before.document) follower.turned();
    }),
    useDocuments.subscribe((state, before) => state.documents !== before.documents && follower.changed()),
    useRuns.subscribe((state, before) => state.runs !== before.runs && follower.look()),
  ];
  return () => {
    for (const end of ends) end();
    follower.rest();
  };
}

class Follower {
  /** The prompt that was handed in last; empty for none. */
  private last = '';
  private graph: Graph | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isSubmitting = false;
  private wasBusy = false;
  /** Runs from before it was turned on have no say. */
  private since = 0;

  constructor(private readonly onStopped: (why: 'error' | 'ended') => void) {}

  turned(): void {
    const { mode, document } = useAutoRun.getState();
    this.rest();
    this.graph = graphOf(document);
    this.since = Date.now();
    this.wasBusy = mode !== 'off';
    this.last = '';
    // What stands there runs at once; "on every change" has nothing to do yet.
    if (mode === 'change') this.remember();
    this.look();
  }

  rest(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  changed(): void {
    const { mode, document } = useAutoRun.getState();
    if (mode === 'off') return;
    const graph = graphOf(document);
    if (graph === this.graph) return;
    this.graph = graph;
    if (graph === null) this.stop('ended');
    else this.soon(QUIET_MILLISECONDS);
  }

  /** A run has become another one: it may have failed, or be done. */
  look(): void {
    const { mode, document } = useAutoRun.getState();
    if (mode === 'off') return;
    const { runs, shown } = useRuns.getState();
    const run = runs.get(shown.get(document) ?? '');
    const ending = run !== undefined && run.submittedAt >= this.since ? run.state : null;
    const isError = ending === 'failed' || ending === 'lost';
    if (isError || (ending === 'interrupted' && mode === 'instant')) {
      this.stop(isError ? 'error' : 'ended');
      return;
    }
    const isBusyNow = isBusy(document);
    if (this.wasBusy && !isBusyNow && this.timer === null) this.soon(0);
    this.wasBusy = isBusyNow;
  }

  private soon(milliseconds: number): void {
    this.rest();
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.attempt();
    }, milliseconds);
  }

  /** What stands there now is no news any more. */
  private remember(): void {
    this.graph = graphOf(useAutoRun.getState().document);
    this.last = this.graph === null ? '' : promptText(this.graph);
  }

  private async attempt(): Promise<void> {
    const { mode, document } = useAutoRun.getState();
    if (mode === 'off' || this.isSubmitting || isBusy(document)) return;
    if (useConnection.getState().status === 'lost') return this.soon(QUIET_MILLISECONDS);
    const graph = graphOf(document);
    if (graph === null) return;
    try {
      const isNews =
        promptText(graph) !== this.last || (mode === 'instant' && isNeverTheSame(document, graph));
      useAutoRun.setState({ isIdle: mode === 'instant' && !isNews });
      if (isNews) await this.submit(document);
    } catch (error) {
      // A workflow that cannot be written as a prompt; the button says why.
      if (!(error instanceof FormatError)) throw error;
      this.stop('error');
    }
  }

  private async submit(document: string): Promise<void> {
    this.isSubmitting = true;
    try {
      const { problems } = await useRuns.getState().submit({ document });
      this.remember();
      if (problems.length > 0) return this.stop('error');
    } finally {
      this.isSubmitting = false;
    }
    this.wasBusy = true;
    this.look();
  }

  private stop(why: 'error' | 'ended'): void {
    if (useAutoRun.getState().mode === 'off') return;
    this.rest();
    useAutoRun.setState(OFF);
    this.onStopped(why);
  }
}

function graphOf(document: string): Graph | null {
  return useDocuments.getState().documents.find(({ id }) => id === document)?.graph ?? null;
}

/** A run of the document waits or is at work. */
function isBusy(document: string): boolean {
  return [...useRuns.getState().runs.values()].some((run) => run.document === document && isOpen(run));
}

/** What a graph does; how it looks has no part in it, nor what is drawn by lot from a prompt, nor the time. */
function promptText(graph: Graph, lot = 0): string {
  const options = { random: () => lot, now: new Date(0) };
  return stringifyJson(toPrompt(graph, useDefinitions.getState().definitions, options).prompt);
}

/** A seed follows, or a prompt has choices. */
function isNeverTheSame(document: string, graph: Graph): boolean {
  if (withNextSeeds(document, graph, useDefinitions.getState().definitions).graph !== graph) return true;
  return promptText(graph) !== promptText(graph, 0.999_999);
}
