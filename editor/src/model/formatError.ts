/** Says why a file cannot be read, as the key of a sentence and what goes into it. */

export type FormatErrorKey =
  | 'format.notJson'
  | 'format.tooLarge'
  | 'format.tooDeep'
  | 'format.notAWorkflow'
  | 'format.noWorkflowInside'
  | 'format.tooManyNodes'
  | 'format.endless';

export type FormatErrorParameters = Readonly<Record<string, string | number>>;

export class FormatError extends Error {
  constructor(
    readonly key: FormatErrorKey,
    readonly params: FormatErrorParameters = {},
  ) {
    super(key);
    this.name = 'FormatError';
  }
}
