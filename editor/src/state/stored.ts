/** Small things a browser keeps for this page; one that keeps nothing is no error. */

export function readStored(storage: () => Storage, key: string): unknown {
  try {
    const text = storage().getItem(key);
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

export function store(storage: () => Storage, key: string, value: unknown): void {
  try {
    if (value === undefined) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // Full, or forbidden in a private window.
  }
}

/** Asking for the storage may itself be refused, so that is done late. */
export const forAllWindows = (): Storage => localStorage;
export const forThisTab = (): Storage => sessionStorage;
