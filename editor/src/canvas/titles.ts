/** What a node is called and which colours it bears. */

import type { NodeDefinition } from '../model/definition';
import type { GraphNode, Subgraph } from '../model/types';
import { typeColour } from '../theme/typeColours';

export function titleOf(
  node: GraphNode,
  definition: NodeDefinition | null,
  subgraph: Subgraph | null,
): string {
  return node.title ?? subgraph?.name ?? (definition?.displayName || node.type);
}

/** Which type of link stands for a category, by the words in its path. */
const CATEGORIES: readonly (readonly [word: RegExp, type: string])[] = [
  [/loader|model_patch|model_merg/iu, 'MODEL'],
  [/condition|prompt|clip|text/iu, 'CONDITIONING'],
  [/latent/iu, 'LATENT'],
  [/mask/iu, 'MASK'],
  [/sampl|schedul|guid|noise|sigma/iu, 'IMAGE'],
  [/image|picture|upscal/iu, 'INT'],
  [/video|animat/iu, 'VIDEO'],
  [/audio/iu, 'AUDIO'],
];

/** The colour of the header of all nodes of a category, as a hue: how light it is depends on the theme. */
export function categoryColour(category: string): string {
  const found = CATEGORIES.find(([word]) => word.test(category));
  if (found !== undefined) return typeColour(found[1]);
  const [top = ''] = category.split('/');
  return top === '' ? typeColour('*') : typeColour(`category ${top}`);
}

/** A colour of a file if it is one: hexadecimal as such files have it, else null. */
export function colourIn(text: string | null): string | null {
  return text !== null && /^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/iu.test(text) ? text : null;
}

export function headerColour(
  node: GraphNode,
  definition: NodeDefinition | null,
  subgraph: Subgraph | null,
): string {
  const own = colourIn(node.color);
  if (own !== null) return own;
  if (subgraph !== null) return typeColour('GUIDER');
  return definition === null
    ? typeColour('*')
    : categoryColour(definition.originalCategory ?? definition.category);
}
