/** The table of nodes: rename, show, delete, and open one for its values and sockets. */

import { ChevronDown, ChevronRight, Locate, Trash2 } from 'lucide-react';
import { useDeferredValue, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RunMark } from '../canvas/NodeRun';
import { removeNodes } from '../model/edit_remove';
import { isBoundary } from '../model/graph';
import type { Graph, GraphNode, NodeId } from '../model/types';
import { useDocuments, useSelection } from '../state/documents';
import { flowNodes } from './flowNodes';
import { NodeLinks, showNode, useNamed } from './NodeLinks';
import { NodeLooks } from './NodeLooks';
import { NodeValues } from './NodeValues';
import { type Named, nodeName, nodeTitle } from './nodeNames';
import { TitleField } from './TitleField';
import { VirtualTable } from './VirtualTable';

const ROW_HEIGHT = 58;

interface OutlineNodesProps {
  readonly graph: Graph;
}

export function OutlineNodes({ graph }: OutlineNodesProps) {
  const { t } = useTranslation();
  const named = useNamed(graph);
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<NodeId | null>(null);
  const wanted = useDeferredValue(search);
  const nodes = useMemo(() => matching(named, wanted), [named, wanted]);
  return (
    <>
      <div className="outline-search">
        <input
          type="search"
          className="text-field"
          aria-label={t('widgets.outline.search')}
          placeholder={t('widgets.outline.search')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {nodes.length === 0 && <p className="empty">{t('widgets.nothingFound')}</p>}
      <VirtualTable
        label={t('widgets.outline.nodes')}
        columns={[
          { name: t('widgets.outline.name') },
          { name: t('widgets.outline.actions'), className: 'outline-actions-column' },
        ]}
        count={nodes.length}
        rowHeight={ROW_HEIGHT}
        keyOf={(index) => nodes[index]?.id ?? ''}
        row={(index, measure) => {
          const node = nodes[index];
          if (node === undefined) return null;
          return (
            <NodeRows
              key={node.id}
              named={named}
              node={node}
              index={index}
              measure={measure}
              isOpen={open === node.id}
              onToggle={() => setOpen((now) => (now === node.id ? null : node.id))}
            />
          );
        }}
      />
    </>
  );
}

function matching(named: Named, search: string): readonly GraphNode[] {
  const words = search.trim().toLowerCase().split(/\s+/u);
  return flowNodes(named.graph).filter((node) => {
    const text = `${nodeName(named, node.id)} ${node.type}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

interface NodeRowsProps {
  readonly named: Named;
  readonly node: GraphNode;
  readonly index: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly measure: (element: Element | null) => void;
}

function NodeRows({ named, node, index, isOpen, onToggle, measure }: NodeRowsProps) {
  const { t } = named;
  const id = useId();
  const name = nodeName(named, node.id);
  const isSelected = useSelection().nodes.has(node.id);
  return (
    <tbody ref={measure} data-index={index}>
      <tr aria-rowindex={index + 2} data-selected={isSelected || undefined}>
        <td>
          <span className="outline-name">
            <TitleField
              node={node}
              label={t('widgets.outline.rename', { name })}
              otherwise={nodeTitle(named, { ...node, title: null })}
            />
            <span className="outline-about">
              <small className="muted ellipsis" title={node.type}>
                {name}
              </small>
              <RunMark id={node.id} />
            </span>
          </span>
        </td>
        <td>
          <span className="outline-actions">
            <Action
              label={t(isOpen ? 'widgets.outline.close' : 'widgets.outline.open', { name })}
              expanded={isOpen}
              controls={id}
              onClick={onToggle}
            >
              {isOpen ? <ChevronDown size={15} aria-hidden /> : <ChevronRight size={15} aria-hidden />}
            </Action>
            <Action label={t('widgets.goTo', { name })} onClick={() => showNode(node.id)}>
              <Locate size={15} aria-hidden />
            </Action>
            <Action
              label={t('widgets.outline.delete', { name })}
              isDisabled={isBoundary(node.id)}
              onClick={() => removed(node.id)}
            >
              <Trash2 size={15} aria-hidden />
            </Action>
          </span>
        </td>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={2}>
            <div className="outline-details">
              <NodeValues graph={named.graph} node={node} />
              <NodeLinks graph={named.graph} node={node} />
              {!isBoundary(node.id) && <NodeLooks nodes={[node]} />}
            </div>
          </td>
        </tr>
      )}
    </tbody>
  );
}

interface ActionProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
  readonly expanded?: boolean;
  readonly controls?: string;
  readonly isDisabled?: boolean;
}

function Action({ label, onClick, children, expanded, controls, isDisabled = false }: ActionProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-expanded={expanded}
      aria-controls={expanded === true ? controls : undefined}
      disabled={isDisabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function removed(id: NodeId): void {
  useDocuments.getState().edit('step.deleted', (graph) => removeNodes(graph, [id]));
}
