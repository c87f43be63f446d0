/** Puts the sentences of several files into one table. */

export type Sentences = Readonly<Record<string, string>>;

export function merged(parts: Readonly<Record<string, Sentences>>): Sentences {
  return Object.assign({}, ...Object.values(parts)) as Sentences;
}
