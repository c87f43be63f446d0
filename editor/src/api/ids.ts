/** Ids that nobody else has, also where a page may not ask the browser for one. */

export function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  // A page that came over plain http from another machine has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
