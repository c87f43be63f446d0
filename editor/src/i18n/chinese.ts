/** All Chinese sentences, merged from the parts: read as text, since as modules they would come with the English ones. */

import { merged, type Sentences } from './merged';

interface Part {
  readonly zh: Sentences;
}

const texts = import.meta.glob<string>('./parts/*.json', { eager: true, import: 'default', query: '?raw' });

export const chinese: Sentences = merged(
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, (JSON.parse(text) as Part).zh])),
);
