/** The header of a node: fold, title, and marks for how it runs. */

import { ChevronDown, ChevronRight, CircleHelp, CornerUpRight, EyeOff, Layers, VolumeX } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { setCollapsed, setTitle } from '../model/edit_nodes';
import { hiddenInputs } from '../model/hidden';
import { BYPASSED, type GraphNode, MUTED } from '../model/types';
import { useDocuments } from '../state/documents';
import type { NodeData } from './flow';
import { showInputs } from './hiding';
import { RunMark } from './NodeRun';
import { Title } from './Title';
import { titleOf } from './titles';

interface HeaderProps {
  readonly data: NodeData;
  readonly isUnknown: boolean;
}

export const NodeHeader = memo(function NodeHeader({ data, isUnknown }: HeaderProps) {
  const { node, definition, subgraph } = data;
  const rename = (title: string): void =>
    useDocuments
      .getState()
      .edit('step.renamed', (graph) => setTitle(graph, node.id, title === '' ? null : title));
  return (
    <header className="node-header">
      <FoldButton node={node} />
      <Title flowId={node.id} title={titleOf(node, definition, subgraph)} onRename={rename} />
      <RunMark id={node.id} />
      <ModeMark node={node} />
      <HiddenMark node={node} />
      {isUnknown && <UnknownMark type={node.type} />}
      {subgraph !== null && <EnterButton id={node.id} />}
    </header>
  );
});

function FoldButton({ node }: { readonly node: GraphNode }) {
  const { t } = useTranslation();
  const label = t(node.collapsed ? 'canvas.unfold' : 'canvas.fold');
  const Icon = node.collapsed ? ChevronRight : ChevronDown;
  const fold = (): void =>
    useDocuments
      .getState()
      .edit('step.collapsed', (graph) => setCollapsed(graph, [node.id], !node.collapsed));
  return (
    <button
      type="button"
      className="node-button nodrag"
      aria-label={label}
      title={label}
      aria-expanded={!node.collapsed}
      tabIndex={-1}
      onClick={fold}
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}

function ModeMark({ node }: { readonly node: GraphNode }) {
  const { t } = useTranslation();
  if (node.mode === MUTED) {
    return (
      <span className="node-badge" title={t('canvas.mutedHint')}>
        <VolumeX size={12} aria-hidden /> {t('canvas.muted')}
      </span>
    );
  }
  if (node.mode !== BYPASSED) return null;
  return (
    <span className="node-badge" title={t('canvas.bypassedHint')}>
      <CornerUpRight size={12} aria-hidden /> {t('canvas.bypassed')}
    </span>
  );
}

/** How many inputs are not shown; a press shows them again. */
function HiddenMark({ node }: { readonly node: GraphNode }) {
  const { t } = useTranslation();
  const count = hiddenInputs(node).size;
  if (count === 0 || node.collapsed) return null;
  const label = t('canvas.showHidden', { count });
  return (
    <button
      type="button"
      className="node-badge node-badge-button nodrag"
      aria-label={label}
      title={label}
      tabIndex={-1}
      onClick={() => showInputs([node.id])}
    >
      <EyeOff size={12} aria-hidden /> {count}
    </button>
  );
}

function UnknownMark({ type }: { readonly type: string }) {
  const { t } = useTranslation();
  return (
    <span className="node-badge node-badge-danger" title={t('canvas.unknownHint', { type })}>
      <CircleHelp size={12} aria-hidden /> {t('canvas.unknown')}
    </span>
  );
}

function EnterButton({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const label = t('canvas.enter');
  return (
    <button
      type="button"
      className="node-button nodrag"
      aria-label={label}
      title={label}
      tabIndex={-1}
      onClick={() => useDocuments.getState().enter(id)}
    >
      <Layers size={14} aria-hidden />
    </button>
  );
}
