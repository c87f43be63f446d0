/** All English sentences, merged from the parts. */

import { merged, type Sentences } from './merged';

export const english: Sentences = merged(
  import.meta.glob<Sentences>('./parts/*.json', { eager: true, import: 'en' }),
);
