/** Makes the text that is sent of a prompt with choices (`{a|b}`) and comments. */

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n\r]*/g;

/** A backslash with what it escapes, a mark, or plain text. */
const PART = /\\[\s\S]|[{}|]|[^\\{}|]+|\\$/g;

/** Gives 0 ≤ x < 1, as Math.random does. */
export type Random = () => number;

interface Frame {
  readonly options: string[];
  current: string;
}

/** Which braces belong together, by their index among the parts; others are plain text. */
function matchedBraces(parts: readonly string[]): ReadonlySet<number> {
  const matched = new Set<number>();
  const open: number[] = [];
  for (const [at, part] of parts.entries()) {
    if (part === '{') open.push(at);
    const start = part === '}' ? open.pop() : undefined;
    if (start !== undefined) matched.add(start).add(at);
  }
  return matched;
}

/** Picks one of the options of a choice. */
type Choose = (options: readonly string[]) => string;

function withOptionsChosen(text: string, choose: Choose): string {
  const parts = text.match(PART) ?? [];
  const matched = matchedBraces(parts);
  const outer: Frame[] = [];
  let frame: Frame = { options: [], current: '' };
  for (const [at, part] of parts.entries()) {
    if (part === '{' && matched.has(at)) {
      outer.push(frame);
      frame = { options: [], current: '' };
    } else if (part === '|' && outer.length > 0) {
      frame.options.push(frame.current);
      frame.current = '';
    } else if (part === '}' && matched.has(at)) {
      const made = choose([...frame.options, frame.current]);
      frame = outer.pop() ?? { options: [], current: '' };
      frame.current += made;
    } else frame.current += part;
  }
  return frame.current;
}

function withChoices(text: string, choose: Choose): string {
  return withOptionsChosen(text.replace(COMMENT, ''), choose).replace(/\\([{}|])/g, '$1');
}

/** Comments are cut out (in an address as well), each `{a|b}` becomes one of its options, `\{ \} \|` lose the backslash. */
export function withChoicesMade(text: string, random: Random): string {
  return withChoices(text, (options) => options[Math.floor(random() * options.length)] ?? '');
}

export interface Variants {
  readonly texts: readonly string[];
  /** Whether these are all; otherwise they are a sample, with the longest and the shortest options in it. */
  readonly isComplete: boolean;
}

/** What a prompt with choices may become, at most so many texts; one text where there are no choices. */
export function variantsOf(text: string, most: number): Variants {
  // Options of choices within choices are made too where they are not taken: the number of choices never changes.
  const counts: number[] = [];
  const count = (options: readonly string[]): string => {
    counts.push(options.length);
    return options[0] ?? '';
  };
  const first = withChoices(text, count);
  const total = counts.reduce((product, options) => product * options, 1);
  if (total === 1) return { texts: [first], isComplete: true };
  const isComplete = total <= most;
  const numbers = Array.from({ length: isComplete ? total : most - 2 }, (_, at) =>
    isComplete ? at : Math.floor((at * total) / (most - 2)),
  );
  const texts = numbers.map((number) => withChoices(text, numbered(number)));
  if (isComplete) return { texts, isComplete };
  const byLength = (sign: number) => (options: readonly string[]) =>
    options.toSorted((one, other) => sign * (one.length - other.length))[0] ?? '';
  return { texts: [withChoices(text, byLength(1)), withChoices(text, byLength(-1)), ...texts], isComplete };
}

/** Every number below the product of the choices stands for other options. */
function numbered(number: number): Choose {
  let rest = number;
  return (options) => {
    const at = rest % options.length;
    rest = Math.floor(rest / options.length);
    return options[at] ?? '';
  };
}

/** Where braces stand that have no partner, in the order of the text; in comments none count. */
export function lonelyBraces(text: string): readonly number[] {
  const parts = withoutComments(text).match(PART) ?? [];
  const matched = matchedBraces(parts);
  const lonely: number[] = [];
  let offset = 0;
  for (const [at, part] of parts.entries()) {
    if ((part === '{' || part === '}') && !matched.has(at)) lonely.push(offset);
    offset += part.length;
  }
  return lonely;
}

/** The text with its comments blanked out, so that every place in it stays where it is. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT, (comment) => ' '.repeat(comment.length));
}
