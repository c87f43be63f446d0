/** How this browser shows the canvas: kept between visits, and never part of a workflow. */

import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface CanvasSettings {
  readonly minimap: boolean;
  toggleMinimap(): void;
}

export const useCanvasSettings = create<CanvasSettings>()(
  persist(
    (set) => ({
      minimap: true,
      toggleMinimap: () => set((state) => ({ minimap: !state.minimap })),
    }),
    { name: 'nodeloom.canvas', partialize: ({ minimap }) => ({ minimap }) },
  ),
);
