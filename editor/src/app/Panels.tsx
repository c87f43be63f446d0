/** The panels beside the canvas; on a narrow page they are sheets over it. */

import { X } from 'lucide-react';
import { type ComponentType, lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorsPanel } from '../panels/ErrorsPanel';
import { WorkflowsPanel } from '../panels/WorkflowsPanel';
import { enterPanel, focusCanvas } from './focus';
import { isNarrow, type LeftPanel, type RightPanel, useInterface } from './interface';

const QueuePanel = lazy(() =>
  import('../panels/QueuePanel').then((module) => ({ default: module.QueuePanel })),
);

const Outline = lazy(() => import('../panels/Outline').then((module) => ({ default: module.Outline })));
const Inspector = lazy(() => import('../panels/Inspector').then((module) => ({ default: module.Inspector })));
const NodeHelp = lazy(() => import('../panels/NodeHelp').then((module) => ({ default: module.NodeHelp })));

const LEFT: Readonly<Record<LeftPanel, ComponentType>> = {
  workflows: WorkflowsPanel,
  queue: QueuePanel,
  gallery: lazy(() => import('../image/gallery/Gallery').then((module) => ({ default: module.Gallery }))),
  outline: Outline,
};
const RIGHT: Readonly<Record<RightPanel, ComponentType>> = {
  inspector: Inspector,
  help: NodeHelp,
  errors: ErrorsPanel,
};

export function LeftSide() {
  const open = useInterface((state) => state.left);
  const toggle = useInterface((state) => state.toggleLeft);
  if (open === null) return null;
  return <Side name={open} side="left" shown={LEFT[open]} onClose={() => toggle(open)} />;
}

export function RightSide() {
  const open = useInterface((state) => state.right);
  const toggle = useInterface((state) => state.toggleRight);
  if (open === null) return null;
  return <Side name={open} side="right" shown={RIGHT[open]} onClose={() => toggle(open)} />;
}

interface SideProps {
  readonly name: LeftPanel | RightPanel;
  readonly side: 'left' | 'right';
  readonly shown: ComponentType;
  readonly onClose: () => void;
}

function Side({ name, side, shown: Shown, onClose }: SideProps) {
  const { t } = useTranslation();
  const title = t(`panels.title.${name}`);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => enterPanel(panel.current), []);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (isNarrow()) onClose();
      else if (panel.current?.contains(document.activeElement)) focusCanvas();
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, [onClose]);
  return (
    <aside className={`side ${side} side-${name}`} aria-label={title} ref={panel} tabIndex={-1}>
      <header>
        <h2>{title}</h2>
        <button type="button" className="icon-button" aria-label={t('panels.close')} onClick={onClose}>
          <X size={16} />
        </button>
      </header>
      <div className="side-body">
        <Suspense>
          <Shown />
        </Suspense>
      </div>
    </aside>
  );
}
