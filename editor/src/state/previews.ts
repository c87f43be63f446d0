/** Pictures of what is being made, as object URLs: at most one a frame and node, and each is revoked when it is done with. */

import type { RunStore } from './runTypes';

interface Waiting {
  readonly document: string;
  readonly node: string;
  readonly image: Blob;
}

/** A page that is not seen has no frames: then only the newest picture is kept, and made when it is seen again. */
const nextFrame: (task: () => void) => void =
  typeof requestAnimationFrame === 'function'
    ? (task) => void requestAnimationFrame(task)
    : (task) => setTimeout(task);

export class Previews {
  private waiting = new Map<string, Waiting>();

  constructor(
    private readonly store: RunStore,
    private readonly later: (task: () => void) => void = nextFrame,
  ) {}

  show(document: string, node: string, image: Blob): void {
    if (this.waiting.size === 0) this.later(() => this.flush());
    this.waiting.set(`${document} ${node}`, { document, node, image });
  }

  /** Nothing is being made any more by this node, or by the document as a whole. */
  drop(document: string, node?: string): void {
    for (const [key, each] of this.waiting) {
      if (each.document === document && (node === undefined || each.node === node)) this.waiting.delete(key);
    }
    const shown = this.store.getState().previews.get(document);
    if (shown === undefined) return;
    const left = new Map(shown);
    if (node === undefined) left.clear();
    else left.delete(node);
    if (left.size < shown.size) this.put(document, left);
  }

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = new Map();
    const changed = new Map<string, Map<string, string>>();
    for (const { document, node, image } of waiting.values()) {
      const urls = changed.get(document) ?? new Map(this.store.getState().previews.get(document));
      urls.set(node, URL.createObjectURL(image));
      changed.set(document, urls);
    }
    for (const [document, urls] of changed) this.put(document, urls);
  }

  /** Shows these, and gives up those that they took the place of. */
  private put(document: string, urls: ReadonlyMap<string, string>): void {
    const before = this.store.getState().previews.get(document);
    this.store.setState((state) => {
      const previews = new Map(state.previews);
      if (urls.size > 0) previews.set(document, urls);
      else previews.delete(document);
      return { previews };
    });
    for (const [node, url] of before ?? []) if (urls.get(node) !== url) URL.revokeObjectURL(url);
  }
}
