/** Buttons in the corner of the canvas: nearer, farther, all of it, and the map. */

import { useStore } from '@xyflow/react';
import { Map as MapIcon, Maximize, Minus, Plus } from 'lucide-react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { MaskButton } from '../image/MaskButton';
import { useInner, useSelection } from '../state/documents';
import { useCanvasSettings } from './canvasSettings';
import type { CanvasControls } from './controls';

const NEARER = 1.25;

export function CanvasTools({ controls }: { readonly controls: CanvasControls }) {
  const { t } = useTranslation();
  const { minimap, toggleMinimap } = useCanvasSettings();
  return (
    <div className="canvas-tools" role="toolbar" aria-label={t('canvas.tools')}>
      <Tool label={t('canvas.zoomOut')} icon={Minus} onClick={() => controls.zoomBy(1 / NEARER)} />
      <ZoomButton controls={controls} />
      <Tool label={t('canvas.zoomIn')} icon={Plus} onClick={() => controls.zoomBy(NEARER)} />
      <Tool label={t('canvas.fit')} icon={Maximize} onClick={() => controls.fit()} />
      <Tool label={t('canvas.minimap')} icon={MapIcon} isPressed={minimap} onClick={toggleMinimap} />
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly icon: ComponentType<{ size: number; 'aria-hidden': boolean }>;
  readonly isPressed?: boolean;
  readonly onClick: () => void;
}

function Tool({ label, icon: Icon, isPressed, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="canvas-tool"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={onClick}
    >
      <Icon size={15} aria-hidden />
    </button>
  );
}

/** What can be done with the node that is selected, large enough for a finger however far away the node is. */
export function TouchActions() {
  const graph = useInner();
  const { nodes } = useSelection();
  const [id, ...others] = nodes;
  const node = id === undefined || others.length > 0 ? undefined : graph.nodes.get(id);
  return node === undefined ? null : (
    <div className="touch-actions">
      <MaskButton graph={graph} node={node} />
    </div>
  );
}

/** The zoom as a number; a press goes back to life size. */
function ZoomButton({ controls }: { readonly controls: CanvasControls }) {
  const { t } = useTranslation();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <button
      type="button"
      className="canvas-tool canvas-zoom"
      aria-label={t('canvas.zoomActual', { percent })}
      title={t('canvas.zoomActual', { percent })}
      onClick={() => controls.zoomTo(1)}
    >
      {percent}%
    </button>
  );
}
