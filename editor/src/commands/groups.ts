/** The groups of commands in the order in which they are listed. */

import type { CommandGroup } from './types';

export const GROUPS: readonly CommandGroup[] = [
  ...(['run', 'file', 'edit', 'node', 'view', 'panels', 'arrange', 'help', 'extensions'] as const),
];
