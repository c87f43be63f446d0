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

function oneOf(options: readonly string[], random: Random): string {
  return options[Math.floor(random() * options.length)] ?? '';
}

function withOptionsChosen(text: string, random: Random): string {
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
      const made = oneOf([...frame.options, frame.current], random);
      frame = outer.pop() ?? { options: [], current: '' };
      frame.current += made;
    } else frame.current += part;
  }
  return frame.current;
}

/** Comments are cut out (in an address as well), each `{a|b}` becomes one of its options, `\{ \} \|` lose the backslash. */
export function withChoicesMade(text: string, random: Random): string {
  return withOptionsChosen(text.replace(COMMENT, ''), random).replace(/\\([{}|])/g, '$1');
}
