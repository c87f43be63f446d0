/** Holds back what the server would refuse, says why in the words of the page, and lets it go where somebody insists. */

import { create } from 'zustand';
import { translated } from '../i18n';
import type { Definitions } from '../model/definition';
import { toPrompt } from '../model/prompt';
import type { Graph, Json } from '../model/types';
import { type Finding, keyOfFinding, validated } from '../model/validate';
import { originOf } from './problems';
import type { Origins, Problem, SubmitOptions } from './runTypes';

interface ChecksState {
  /** By document: how it was to be run when it was held back. */
  readonly held: ReadonlyMap<string, SubmitOptions>;
  /** Complaints of the editor about what the server took all the same. */
  readonly trusted: ReadonlySet<string>;
}

export const useChecks = create<ChecksState>()(() => ({ held: new Map(), trusted: new Set() }));

export function hold(document: string, options: SubmitOptions): void {
  useChecks.setState(({ held }) => ({ held: new Map(held).set(document, options) }));
}

export function letGo(document: string): void {
  useChecks.setState(({ held }) =>
    held.has(document) ? { held: new Map([...held].filter(([id]) => id !== document)) } : {},
  );
}

/** The server took it, so it knows better: the same is not complained of again. */
export function trust(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  useChecks.setState(({ trusted }) => ({ trusted: new Set([...trusted, ...findings.map(keyOfFinding)]) }));
}

export interface Check {
  readonly problems: readonly Problem[];
  readonly findings: readonly Finding[];
  /** Whether the server would run nothing of it. */
  readonly isHopeless: boolean;
}

/** Looks at a graph as it would be sent. `targetsIn`: what is wanted of its prompt, null for everything. */
export function checked(
  graph: Graph,
  definitions: Definitions,
  targetsIn: (prompt: ReturnType<typeof toPrompt>['prompt']) => readonly string[] | null,
): Check {
  const { prompt, origins } = toPrompt(graph, definitions);
  const { trusted } = useChecks.getState();
  const isTrusted = (finding: Finding): boolean => trusted.has(keyOfFinding(finding));
  const { findings, isHopeless } = validated(prompt, definitions, targetsIn(prompt), isTrusted);
  return { findings, isHopeless, problems: findings.map((finding) => problemOf(finding, origins)) };
}

function problemOf(finding: Finding, origins: Origins): Problem {
  const { code, node, input } = finding;
  return {
    code,
    origin: originOf(node, origins),
    input: input?.name ?? null,
    ...wordsOf(finding),
    traceback: [],
  };
}

type Said = Pick<Problem, 'sentence' | 'remedy'>;

function wordsOf({ code, type, input, value }: Finding): Said {
  const widget = input?.widget ?? null;
  switch (code) {
    case 'missing_node_type':
      return {
        sentence: translated('checks.unknown', { type }),
        remedy: translated('checks.unknown.remedy'),
      };
    case 'required_input_missing':
      return widget === null
        ? {
            sentence: translated('checks.unconnected'),
            remedy: translated('checks.unconnected.remedy', { type: input?.type }),
          }
        : { sentence: translated('checks.noValue'), remedy: translated('checks.noValue.remedy') };
    case 'value_smaller_than_min':
      return outOfRange('checks.tooSmall', value, widget?.minimum ?? 0);
    case 'value_bigger_than_max':
      return outOfRange('checks.tooBig', value, widget?.maximum ?? 0);
    case 'value_not_in_list':
      return {
        sentence: translated('checks.notListed', { value: shown(value) }),
        remedy: translated(
          widget?.choices.length === 0 ? 'checks.nothingListed.remedy' : 'checks.notListed.remedy',
        ),
      };
  }
}

function outOfRange(key: 'checks.tooSmall' | 'checks.tooBig', value: Json, bound: number | bigint): Said {
  const params = { value: shown(value), bound: String(bound) };
  return { sentence: translated(key, params), remedy: translated(`${key}.remedy`, params) };
}

const MOST_LETTERS = 80;

function shown(value: Json): string {
  const text = String(value);
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
