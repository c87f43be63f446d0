/** Seconds as people of a language read them, such as `0.4s` or `12s`. */

const LEAST = 0.01;

export function secondsIn(locale: string, seconds: number): string {
  const digits = seconds < 1 ? 2 : seconds < 10 ? 1 : 0;
  if (seconds > 0 && seconds < LEAST) return `<\u2009${secondsIn(locale, LEAST)}`;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: digits,
  }).format(seconds);
}
