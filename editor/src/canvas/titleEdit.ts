/** Whose title is being edited, by flow id; only one at a time. */

import { create } from 'zustand';

interface TitleEditState {
  readonly editing: string | null;
  begin(flowId: string): void;
  end(): void;
}

export const useTitleEdit = create<TitleEditState>((set) => ({
  editing: null,
  begin: (flowId) => set({ editing: flowId }),
  end: () => set({ editing: null }),
}));
