/** Keeps what is typed while a dialog with a search box is on its way, so that none of it becomes a shortcut or is lost. */

let text = '';
let end: AbortController | null = null;

/** From now on letters are kept, until `takeTypedAhead`. */
export function keepTyping(): void {
  if (end !== null) return;
  end = new AbortController();
  text = '';
  window.addEventListener('keydown', keep, { capture: true, signal: end.signal });
}

/** What was typed meanwhile; from now on keys go where they go. */
export function takeTypedAhead(): string {
  const typed = text;
  end?.abort();
  end = null;
  text = '';
  return typed;
}

function keep(event: KeyboardEvent): void {
  // Escape closes what comes; other combinations are not text.
  if (event.key === 'Escape' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Backspace') text = text.slice(0, -1);
  else if (event.key.length === 1) text += event.key;
  event.preventDefault();
  event.stopImmediatePropagation();
}
