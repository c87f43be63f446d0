/** Everything about what is selected, to be read and changed without the canvas. */

import { CircleAlert, CircleHelp, Locate } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { MaskButton } from '../image/MaskButton';
import { isBoundary } from '../model/graph';
import { definitionOf } from '../model/instances';
import type { Graph, GraphNode, NodeId } from '../model/types';
import { SUBGRAPH_INPUTS } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { useInner, useSelection } from '../state/documents';
import { useNodeErrors } from '../state/runs';
import { GroupLooks } from '../widgets/GroupLooks';
import { NodeLinks, showNode, useNamed } from '../widgets/NodeLinks';
import { NodeLooks } from '../widgets/NodeLooks';
import { NodeValues } from '../widgets/NodeValues';
import { nodeName, nodeTitle } from '../widgets/nodeNames';
import { SubgraphSockets } from '../widgets/SubgraphSockets';
import { TitleField } from '../widgets/TitleField';
import './inspector.css';

/** More names than this say nothing. */
const MOST_NAMES = 50;

export function Inspector() {
  const { t } = useTranslation();
  const graph = useInner();
  const { nodes: ids, groups } = useSelection();
  const nodes = [...ids].flatMap((id) => graph.nodes.get(id) ?? []);
  const [first] = nodes;
  const group = graph.groups.find(({ id }) => groups.has(id));
  const isInside = graph.nodes.has(SUBGRAPH_INPUTS);
  if (first === undefined && group !== undefined && groups.size === 1) {
    return (
      <div className="inspector">
        <GroupLooks key={group.id} group={group} />
      </div>
    );
  }
  if (first === undefined && isInside) return <Edges graph={graph} only={null} />;
  if (first === undefined) return <p className="empty">{t('widgets.inspector.none')}</p>;
  return (
    <div className="inspector">
      <Chosen graph={graph} nodes={nodes} first={first} />
    </div>
  );
}

function Chosen({ graph, nodes, first }: SeveralProps & { readonly first: GraphNode }) {
  if (nodes.length > 1) return <Several graph={graph} nodes={nodes} />;
  return isBoundary(first.id) ? (
    <Edge key={first.id} graph={graph} node={first} />
  ) : (
    <One key={first.id} graph={graph} node={first} />
  );
}

interface EdgesProps {
  readonly graph: Graph;
  readonly only: NodeId | null;
}

/** Inside a subgraph with nothing selected: its name, inputs and outputs. */
function Edges({ graph, only }: EdgesProps) {
  return (
    <div className="inspector">
      <SubgraphSockets graph={graph} only={only} />
    </div>
  );
}

/** The inputs or the outputs of the subgraph that is open, with what they are connected to. */
function Edge({ graph, node }: OneProps) {
  const { t } = useTranslation();
  return (
    <>
      <SubgraphSockets graph={graph} only={node.id} />
      <section aria-label={t('widgets.links')}>
        <h3>{t('widgets.links')}</h3>
        <NodeLinks graph={graph} node={node} />
      </section>
    </>
  );
}

interface OneProps {
  readonly graph: Graph;
  readonly node: GraphNode;
}

function One({ graph, node }: OneProps) {
  const { t } = useTranslation();
  return (
    <>
      <Heading graph={graph} node={node} />
      <Errors node={node} />
      <section aria-label={t('widgets.values')}>
        <h3>{t('widgets.values')}</h3>
        <NodeValues graph={graph} node={node} />
        <MaskButton graph={graph} node={node} />
      </section>
      <section aria-label={t('widgets.links')}>
        <h3>{t('widgets.links')}</h3>
        <NodeLinks graph={graph} node={node} />
      </section>
      <section aria-label={t('widgets.looks')}>
        <h3>{t('widgets.looks')}</h3>
        <NodeLooks nodes={[node]} />
      </section>
    </>
  );
}

function Heading({ graph, node }: OneProps) {
  const { t } = useTranslation();
  const id = useId();
  const named = useNamed(graph);
  const showHelp = useInterface((state) => state.showRight);
  return (
    <header className="inspector-heading">
      <div className="field-row">
        <label htmlFor={id}>{t('widgets.title')}</label>
        <TitleField
          id={id}
          node={node}
          label={t('widgets.title')}
          otherwise={nodeTitle(named, { ...node, title: null })}
        />
      </div>
      <p className="inspector-type muted">
        <span className="ellipsis" title={node.type}>
          {graph.subgraphs.has(node.type) ? t('widgets.subgraph') : node.type}
        </span>
        <span>#{node.id}</span>
        <button
          type="button"
          className="icon-button"
          aria-label={t('widgets.show')}
          title={t('widgets.show')}
          onClick={() => showNode(node.id)}
        >
          <Locate size={15} aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('widgets.help')}
          title={t('widgets.help')}
          onClick={() => showHelp('help')}
        >
          <CircleHelp size={15} aria-hidden />
        </button>
      </p>
    </header>
  );
}

/** What is wrong with the node as a whole, or with an input that has no field to show it at. */
function Errors({ node }: { readonly node: GraphNode }) {
  const graph = useInner();
  const definitions = useDefinitions((state) => state.definitions);
  const errors = useNodeErrors(node.id);
  const widgets = definitionOf(graph, node, definitions)?.widgets ?? [];
  const others = errors.filter(
    ({ input, remedy }) => remedy !== '' || !widgets.some((widget) => widget.name === input),
  );
  if (others.length === 0) return null;
  return (
    <ul className="inspector-errors">
      {others.map((error) => (
        <li key={`${error.code} ${error.input ?? ''} ${error.sentence}`}>
          <CircleAlert size={15} className="bad" aria-hidden />
          <span>
            {error.input !== null && <strong>{error.input}: </strong>}
            {error.sentence} {error.remedy !== '' && <span className="muted">{error.remedy}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface SeveralProps {
  readonly graph: Graph;
  readonly nodes: readonly GraphNode[];
}

function Several({ graph, nodes }: SeveralProps) {
  const { t } = useTranslation();
  const named = useNamed(graph);
  const editable = nodes.filter((node) => !isBoundary(node.id));
  return (
    <>
      <p className="inspector-heading">{t('widgets.inspector.several', { count: nodes.length })}</p>
      {editable.length > 0 && (
        <section aria-label={t('widgets.looks')}>
          <NodeLooks nodes={editable} />
        </section>
      )}
      <section aria-label={t('widgets.inspector.selected')}>
        <h3>{t('widgets.inspector.selected')}</h3>
        <ul className="inspector-names">
          {nodes.slice(0, MOST_NAMES).map((node) => (
            <li key={node.id}>
              <button type="button" className="row-button" onClick={() => showNode(node.id)}>
                <span className="ellipsis">{nodeName(named, node.id)}</span>
              </button>
            </li>
          ))}
        </ul>
        {nodes.length > MOST_NAMES && (
          <p className="muted">{t('widgets.inspector.more', { count: nodes.length - MOST_NAMES })}</p>
        )}
      </section>
    </>
  );
}
