/** All values of a node one below the other, as they are edited beside the canvas. */

import { memo, useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { NodeDefinition, Widget } from '../model/definition';
import { noteText, setValue } from '../model/edit_nodes';
import { linkInto } from '../model/graph';
import { definitionOf } from '../model/instances';
import { stringifyJson } from '../model/json';
import { isNote, tallness } from '../model/measures';
import type { Graph, GraphNode, Json } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { useDocuments } from '../state/documents';
import { useNodeErrors } from '../state/runs';
import { UnknownNode } from './UnknownNode';
import { WidgetField } from './WidgetField';

interface NodeValuesProps {
  readonly graph: Graph;
  readonly node: GraphNode;
}

export function NodeValues({ graph, node }: NodeValuesProps) {
  const { t } = useTranslation();
  const definitions = useDefinitions((state) => state.definitions);
  const errors = useNodeErrors(node.id);
  const definition = definitionOf(graph, node, definitions);
  const widgets = widgetsOf(definition);
  if (definition === null && widgets.length === 0) return <Stored node={node} />;
  if (widgets.length === 0) return <p className="muted">{t('widgets.noValues')}</p>;
  return (
    <div className="node-values">
      {widgets.map((widget) => (
        <Value
          key={`${node.id} ${widget.name}`}
          node={node}
          widget={widget}
          linked={isLinked(graph, node, widget.name)}
          problem={errors.find((error) => error.input === widget.name)?.sentence ?? null}
        />
      ))}
    </div>
  );
}

interface ValueProps {
  readonly node: GraphNode;
  readonly widget: Widget;
  readonly linked: boolean;
  readonly problem: string | null;
}

const Value = memo(function Value({ node, widget, linked, problem }: ValueProps) {
  const { id } = node;
  const { name } = widget;
  const change = useCallback(
    (value: Json) =>
      useDocuments.getState().edit('step.value', (graph) => setValue(graph, id, name, value), {
        merge: `value ${id} ${name}`,
      }),
    [id, name],
  );
  const value = isNote(node.type) ? noteText(node) : (node.values.get(name) ?? widget.default);
  return (
    <div
      className="node-value"
      data-tall={tallness(widget) !== null || undefined}
      style={widget.height === undefined ? undefined : { height: widget.height }}
    >
      <WidgetField
        node={node}
        widget={widget}
        value={value}
        onChange={change}
        linked={linked}
        problem={problem}
      />
    </div>
  );
});

/** What is kept for a node of unknown type; it is written back as it is. */
function Stored({ node }: { readonly node: GraphNode }) {
  return (
    <>
      <UnknownNode type={node.type} properties={node.properties} />
      {node.stored !== null && <pre className="node-stored">{stringifyJson(node.stored, 2)}</pre>}
    </>
  );
}

function widgetsOf(definition: NodeDefinition | null): readonly Widget[] {
  return (definition?.widgets ?? []).filter((widget) => widget.options.hidden !== true);
}

/** Whether a link gives the value of a widget. */
export function isLinked(graph: Graph, node: GraphNode, widget: string): boolean {
  const slot = node.inputs.findIndex((input) => input.widget === widget);
  return slot >= 0 && linkInto(graph, node.id, slot) !== null;
}
