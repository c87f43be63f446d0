/** How nodes run and look: mode, whether they are collapsed, colour; of one node or several. */

import { Ban } from 'lucide-react';
import { type CSSProperties, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { setCollapsed, setColours, setMode } from '../model/edit_nodes';
import type { Graph, GraphNode, Mode } from '../model/types';
import { BYPASSED, MUTED, NORMAL } from '../model/types';
import { useDocuments } from '../state/documents';

const MODES: readonly (readonly [mode: Mode, key: string])[] = [
  [NORMAL, 'widgets.mode.normal'],
  [MUTED, 'widgets.mode.muted'],
  [BYPASSED, 'widgets.mode.bypassed'],
];

/** Dark enough for light titles, as other editors show these files too. */
const COLOURS: readonly (readonly [colour: string, key: string])[] = [
  ['#7a2e35', 'widgets.colour.red'],
  ['#7d4a24', 'widgets.colour.orange'],
  ['#6f5d1c', 'widgets.colour.yellow'],
  ['#2f6138', 'widgets.colour.green'],
  ['#1f5f63', 'widgets.colour.teal'],
  ['#2c5080', 'widgets.colour.blue'],
  ['#57407f', 'widgets.colour.violet'],
  ['#4a4d55', 'widgets.colour.grey'],
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
  const { t } = useTranslation();
  const colour = common(nodes, (node) => node.color ?? '');
  const ids = nodes.map((node) => node.id);
  const paint = (color: string | null): void =>
    change(
      'step.coloured',
      (graph) => setColours(graph, ids, { color, bgcolor: null }),
      `colour ${ids.join()}`,
    );
  return (
    <fieldset className="node-colours">
      <legend>{t('widgets.colour')}</legend>
      <button
        type="button"
        className="swatch"
        aria-label={t('widgets.colour.none')}
        title={t('widgets.colour.none')}
        aria-pressed={colour === ''}
        onClick={() => paint(null)}
      >
        <Ban size={14} aria-hidden />
      </button>
      {COLOURS.map(([each, key]) => (
        <button
          key={each}
          type="button"
          className="swatch"
          style={{ '--swatch': each } as CSSProperties}
          aria-label={t(key)}
          title={t(key)}
          aria-pressed={colour === each}
          onClick={() => paint(each)}
        />
      ))}
      <input
        type="color"
        className="swatch"
        aria-label={t('widgets.pickColour')}
        title={t('widgets.pickColour')}
        value={colour !== null && /^#[0-9a-f]{6}$/iu.test(colour) ? colour : '#4a4d55'}
        onChange={(event) => paint(event.currentTarget.value)}
      />
    </fieldset>
  );
}
