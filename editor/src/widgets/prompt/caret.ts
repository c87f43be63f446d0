/** Where letters of a text area stand, found with a copy of it that lies outside of the page. */

/** Everything that decides where lines break and how high they are. */
const COPIED = [
  'boxSizing',
  'borderTopWidth',
  'borderRightWidth',
  'borderBottomWidth',
  'borderLeftWidth',
  'paddingTop',
  'paddingRight',
  'paddingBottom',
  'paddingLeft',
  'fontFamily',
  'fontSize',
  'fontStyle',
  'fontVariant',
  'fontWeight',
  'fontStretch',
  'lineHeight',
  'letterSpacing',
  'wordSpacing',
  'tabSize',
  'textIndent',
  'textTransform',
  'wordBreak',
  'direction',
] as const;

function pixels(length: string): number {
  return Number.parseFloat(length) || 0;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The boxes of some stretches `[from, to)` of the text within the area's border, what is scrolled away outside of it. */
export function boxesIn(
  area: HTMLTextAreaElement,
  stretches: readonly (readonly [from: number, to: number])[],
): readonly Box[] {
  const copy = document.createElement('div');
  const style = getComputedStyle(area);
  for (const name of COPIED) copy.style[name] = style[name];
  Object.assign(copy.style, {
    position: 'absolute',
    top: '0',
    left: '-9999px',
    visibility: 'hidden',
    overflow: 'hidden',
    borderStyle: 'solid',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'break-word',
    // A scroll bar takes room from the text, but only in the area itself.
    width: `${area.clientWidth + pixels(style.borderLeftWidth) + pixels(style.borderRightWidth)}px`,
  });
  let at = 0;
  const marks = stretches.map(([from, to]) => {
    const mark = document.createElement('span');
    copy.append(area.value.slice(at, from), mark);
    mark.textContent = area.value.slice(from, to) || '\u200b';
    at = to;
    return mark;
  });
  copy.append(area.value.slice(at), '\u200b');
  document.body.append(copy);
  const boxes = marks.map((mark) => ({
    left: mark.offsetLeft + pixels(style.borderLeftWidth) - area.scrollLeft,
    top: mark.offsetTop + pixels(style.borderTopWidth) - area.scrollTop,
    width: mark.offsetWidth,
    height: mark.offsetHeight,
  }));
  copy.remove();
  return boxes;
}

/**
 * The line of a place in the text, as a box on the screen however the area is scaled; kept within the area.
 *
 * `letter`: the one it is measured by, so that at the end of a full line it counts to the line of that letter.
 */
export function lineOnScreen(area: HTMLTextAreaElement, at: number, letter: 'before' | 'behind'): Box {
  const whole = area.getBoundingClientRect();
  const scale = area.offsetWidth > 0 ? whole.width / area.offsetWidth : 1;
  const isBefore = letter === 'before' && at > 0 && area.value[at - 1] !== '\n';
  const isBehind = letter === 'behind' && at < area.value.length && area.value[at] !== '\n';
  const [box] = boxesIn(area, [isBefore ? [at - 1, at] : [at, isBehind ? at + 1 : at]]);
  const height = (box?.height ?? 0) * scale;
  const left = ((box?.left ?? 0) + (isBefore ? (box?.width ?? 0) : 0)) * scale;
  const within = (value: number, most: number): number => Math.max(0, Math.min(value, most));
  return {
    left: whole.left + within(left, whole.width),
    top: whole.top + within((box?.top ?? 0) * scale, whole.height - height),
    width: 0,
    height,
  };
}

export interface Spot {
  readonly left: number;
  readonly top: number;
  readonly most: number;
}

const MARGIN = 8;
const GAP = 4;

/** Where a list of a size goes, below a line or above it where there is more room; it never covers the line. */
export function spotBeside(
  line: Box,
  size: { readonly width: number; readonly height: number },
  screen: { readonly width: number; readonly height: number },
): Spot {
  const left = Math.max(MARGIN, Math.min(line.left, screen.width - size.width - MARGIN));
  const below = screen.height - MARGIN - (line.top + line.height + GAP);
  const above = line.top - GAP - MARGIN;
  if (below >= size.height || below >= above)
    return { left, top: line.top + line.height + GAP, most: Math.max(0, below) };
  return { left, top: Math.max(MARGIN, line.top - GAP - size.height), most: Math.max(0, above) };
}
