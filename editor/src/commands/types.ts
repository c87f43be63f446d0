/** What a command is: the palette, menus, the key sheet and the shortcuts all read the same table. */

export type CommandGroup =
  | 'run'
  | 'file'
  | 'edit'
  | 'node'
  | 'arrange'
  | 'view'
  | 'panels'
  | 'help'
  | 'extensions';

export interface Command {
  readonly id: string;
  /** The key of its name. */
  readonly title: string;
  readonly group: CommandGroup;
  /** Key presses as tinykeys writes them, such as `$mod+Enter`; the first one is shown. */
  readonly keys: readonly string[];
  /** Whether the keys also work while text is being edited; keys that write something never do. */
  readonly inFields?: boolean;
  /** The browser's own event does it (copy, cut, paste); the keys are only shown. */
  readonly native?: boolean;
  /** Only some nodes know it: menus leave it out where it cannot be done, instead of showing it dimmed. */
  readonly isSpecial?: boolean;
  /** Whether it can be done now; left out: always. */
  readonly when?: () => boolean;
  /** The key of what it is about right now, such as the step that would be undone; null for nothing. */
  readonly about?: () => string | null;
  readonly run: () => void | Promise<void>;
}
