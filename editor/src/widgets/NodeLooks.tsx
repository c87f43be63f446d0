/** How nodes run and look: mode, whether they are collapsed, colour; of one node or several. */

import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { setCollapsed, setColours, setMode } from '../model/edit_nodes';
import type { Graph, GraphNode, Mode } from '../model/types';
import { BYPASSED, MUTED, NORMAL } from '../model/types';
import { useDocuments } from '../state/documents';
import { Swatches } from './Swatches';

const MODES: readonly (readonly [mode: Mode, key: string])[] = [
  [NORMAL, 'widgets.mode.normal'],
  [MUTED, 'widgets.mode.muted'],
  [BYPASSED, 'widgets.mode.bypassed'],
];

interface NodeLooksProps {
  readonly nodes: readonly GraphNode[];
}

function change(label: string, edit: (graph: Graph) => Graph, merge?: string): void {
  useDocuments.getState().edit(label, edit, merge === undefined ? {} : { merge });
}

export function NodeLooks({ nodes }: NodeLooksProps) {
  const { t } = useTranslation();
  const id = useId();
  const ids = nodes.map((node) => node.id);
  const isCollapsed = nodes.every((node) => node.collapsed);
  return (
    <div className="node-looks">
      <ModeField nodes={nodes} />
      <label className="node-look" htmlFor={`${id}-collapsed`}>
        <span>{t('widgets.collapsed')}</span>
        <input
          id={`${id}-collapsed`}
          type="checkbox"
          checked={isCollapsed}
          onChange={() => change('step.collapsed', (graph) => setCollapsed(graph, ids, !isCollapsed))}
        />
      </label>
      <ColourRow nodes={nodes} />
    </div>
  );
}

/** What all of them have in common, null where they differ. */
function common<Value>(nodes: readonly GraphNode[], of: (node: GraphNode) => Value): Value | null {
  const [first, ...rest] = nodes.map(of);
  return first !== undefined && rest.every((value) => value === first) ? first : null;
}

function ModeField({ nodes }: NodeLooksProps) {
  const { t } = useTranslation();
  const id = useId();
  const mode = common(nodes, (node) => node.mode);
  const isListed = MODES.some(([listed]) => listed === mode);
  const choose = (text: string): void => {
    const chosen = MODES.find(([listed]) => String(listed) === text)?.[0];
    if (chosen === undefined) return;
    const ids = nodes.map((node) => node.id);
    change('step.mode', (graph) => setMode(graph, ids, chosen));
  };
  return (
    <label className="node-look" htmlFor={id}>
      <span>{t('widgets.mode')}</span>
      <select
        id={id}
        className="widget-input widget-select"
        value={String(mode ?? '')}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {!isListed && (
          <option value={String(mode ?? '')}>
            {mode === null ? t('widgets.mixed') : t('widgets.mode.other', { mode })}
          </option>
        )}
        {MODES.map(([listed, key]) => (
          <option key={listed} value={String(listed)}>
            {t(key)}
          </option>
        ))}
      </select>
    </label>
  );
}

function ColourRow({ nodes }: NodeLooksProps) {
  const colour = common(nodes, (node) => node.color ?? '');
  const ids = nodes.map((node) => node.id);
  const paint = (color: string | null): void =>
    change(
      'step.coloured',
      (graph) => setColours(graph, ids, { color, bgcolor: null }),
      `colour ${ids.join()}`,
    );
  return <Swatches colour={colour} onPick={paint} />;
}
