/** The colour of a type of link: one for both themes, of a lightness that stands out from either background. */

const FIXED: Readonly<Record<string, string>> = {
  MODEL: '#9164f0',
  CLIP: '#b57a0a',
  VAE: '#e8475c',
  CONDITIONING: '#d4670f',
  LATENT: '#d84aa6',
  IMAGE: '#3b82f6',
  MASK: '#0b9268',
  CONTROL_NET: '#0c9183',
  CLIP_VISION: '#6d72f2',
  CLIP_VISION_OUTPUT: '#a05bdb',
  STYLE_MODEL: '#7c8a0c',
  GLIGEN: '#9c8412',
  UPSCALE_MODEL: '#1590b8',
  SAMPLER: '#55932a',
  SIGMAS: '#5f9117',
  GUIDER: '#1795a3',
  NOISE: '#8b8478',
  INT: '#28944a',
  FLOAT: '#1192a5',
  STRING: '#a8800a',
  BOOLEAN: '#c75b78',
  COMBO: '#768396',
  VIDEO: '#2f86c9',
  AUDIO: '#0e9580',
  '*': '#7f8590',
};

const known = new Map<string, string>(Object.entries(FIXED));

/** Between the least that shows on dark (0.17) and the most that shows on light (0.25). */
const WANTED_LUMINANCE = 0.21;

/** The colour of a type, of a list of types ("A,B") that of the first; the same one every time. */
export function typeColour(type: string): string {
  const name = firstOf(type);
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = madeUp(name);
  known.set(name, made);
  return made;
}

function firstOf(type: string): string {
  const comma = type.indexOf(',');
  return (comma < 0 ? type : type.slice(0, comma)).trim();
}

function madeUp(name: string): string {
  const hash = hashOf(name);
  const hue = hash % 360;
  const saturation = 45 + ((hash >>> 9) % 30);
  return hex(colourOf(hue, saturation / 100));
}

/** FNV-1a, so that a name keeps its colour between visits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash >>> 0;
}

type Rgb = readonly [red: number, green: number, blue: number];

/** The colour of a hue whose luminance is the wanted one, found by halving the range of lightness. */
function colourOf(hue: number, saturation: number): Rgb {
  let low = 0;
  let high = 1;
  for (let round = 0; round < 16; round += 1) {
    const middle = (low + high) / 2;
    if (luminance(fromHsl(hue, saturation, middle)) < WANTED_LUMINANCE) low = middle;
    else high = middle;
  }
  return fromHsl(hue, saturation, (low + high) / 2);
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number): number => {
    const place = (offset + hue / 30) % 12;
    return lightness - amplitude * Math.max(-1, Math.min(place - 3, 9 - place, 1));
  };
  return [part(0), part(8), part(4)];
}

/** Relative luminance as WCAG 2 defines it. */
export function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function hex(colour: Rgb): string {
  return `#${colour
    .map((part) =>
      Math.round(part * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** Of `#rrggbb`. */
export function rgbOf(text: string): Rgb {
  const part = (from: number): number => Number.parseInt(text.slice(from, from + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

/** The contrast of two colours as WCAG 2 defines it: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(rgbOf(one)), luminance(rgbOf(other))].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** All types that have a colour of their own. */
export const NAMED_TYPES: readonly string[] = Object.keys(FIXED);
