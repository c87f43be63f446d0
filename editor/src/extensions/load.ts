/** Loads extensions one after the other, and switches them off and on; none of them can keep the page from working. */

import { translated } from '../i18n';
import { foreignWidgets } from '../state/foreignWidgets';
import { registerWidget } from '../widgets/registry';
import type { Setup } from './api';
import { duringStart } from './crash';
import { brokenControl } from './ForeignField';
import { nodeloomFor, Registrations } from './nodeloom';
import { changeExtension, keepOff, report, useExtensions } from './store';

/** The others are not kept waiting longer than that. */
export const PATIENCE_MILLISECONDS = 10_000;

/** A module by its address. */
export type Load = (address: string) => Promise<unknown>;

const atWork = new Map<string, Registrations>();

export async function loadExtensions(load: Load, only?: (pack: string) => boolean): Promise<void> {
  const { extensions, off } = useExtensions.getState();
  for (const { pack, state } of extensions) {
    if (state !== 'waiting' || (only !== undefined && !only(pack))) continue;
    if (off.includes(pack)) changeExtension(pack, () => ({ state: 'off' }));
    else await patiently(pack, begin(pack, load));
  }
}

/** Resolves at the end or when it has lasted too long. */
async function patiently(pack: string, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      changeExtension(pack, ({ state }) => (state === 'loading' ? { state: 'slow' } : {}));
      resolve();
    }, PATIENCE_MILLISECONDS);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

async function begin(pack: string, load: Load): Promise<void> {
  const registrations = new Registrations();
  atWork.get(pack)?.end((error) => report(pack, error));
  atWork.set(pack, registrations);
  changeExtension(pack, () => ({ state: 'loading', problems: [], widgets: [], commands: 0 }));
  const isCurrent = (): boolean => atWork.get(pack) === registrations;
  try {
    for (const address of modulesOf(pack)) await setUp(pack, address, load, registrations);
    if (isCurrent()) changeExtension(pack, () => ({ state: 'running' }));
  } catch (error) {
    if (isCurrent()) broken(pack, registrations, error);
  }
}

function modulesOf(pack: string): readonly string[] {
  return useExtensions.getState().extensions.find((each) => each.pack === pack)?.modules ?? [];
}

async function setUp(pack: string, address: string, load: Load, registrations: Registrations): Promise<void> {
  const module = await duringStart(pack, () => load(address));
  const setup =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (typeof setup !== 'function') throw new Error(translated('extensions.noSetup', { address }));
  const ending: unknown = await duringStart(pack, () => (setup as Setup)(nodeloomFor(pack, registrations)));
  if (typeof ending === 'function') registrations.add(() => () => void ending());
}

/** Its values stay what they are, in plain fields that say what broke. */
function broken(pack: string, registrations: Registrations, error: unknown): void {
  const sentence = report(pack, error);
  registrations.end((late) => report(pack, late));
  const standIns = new Registrations();
  atWork.set(pack, standIns);
  for (const [type, widget] of foreignWidgets()) {
    if (widget.pack === pack) standIns.add(() => registerWidget(type, brokenControl(pack, sentence)));
  }
  changeExtension(pack, () => ({ state: 'failed', widgets: [], commands: 0 }));
}

/** Switched off, its values are shown in plain fields; what it did to the page otherwise ends with the next load. */
export async function switchExtension(pack: string, isOn: boolean, load: Load): Promise<void> {
  const { off } = useExtensions.getState();
  keepOff(isOn ? off.filter((each) => each !== pack) : [...new Set([...off, pack])]);
  if (isOn) return patiently(pack, begin(pack, load));
  atWork.get(pack)?.end((error) => report(pack, error));
  atWork.delete(pack);
  changeExtension(pack, () => ({ state: 'off', widgets: [], commands: 0 }));
}
