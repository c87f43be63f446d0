/** One row of a node: sockets with their names, or a widget with the socket that may give its value. */

import { memo, useCallback } from 'react';
import { setValue } from '../model/edit_nodes';
import { ROW_HEIGHT, type Row, TITLE_HEIGHT } from '../model/measures';
import type { Json } from '../model/types';
import { useDocuments } from '../state/documents';
import { useNodeErrors } from '../state/runs';
import { WidgetField } from '../widgets/WidgetField';
import type { NodeData } from './flow';
import { Slot } from './Slot';
import { inputLook, outputLook } from './sockets';

interface RowProps {
  readonly row: Row;
  readonly data: NodeData;
}

const MIDDLE = ROW_HEIGHT / 2;

export const NodeRow = memo(function NodeRow({ row, data }: RowProps) {
  return (
    <div className="node-row" data-kind={row.kind} style={{ top: row.y - TITLE_HEIGHT, height: row.height }}>
      {row.input !== undefined && <InputSlot data={data} slot={row.input} isNamed={row.kind === 'slots'} />}
      {row.widget !== undefined && <WidgetRow data={data} name={row.widget} input={row.input} />}
      {row.output !== undefined && <OutputSlot data={data} slot={row.output} />}
    </div>
  );
});

interface SlotRowProps {
  readonly data: NodeData;
  readonly slot: number;
}

function InputSlot({ data, slot, isNamed }: SlotRowProps & { readonly isNamed: boolean }) {
  const look = inputLook(data, slot);
  return (
    <>
      <Slot
        {...look}
        node={data.node.id}
        slot={slot}
        side="input"
        wired={data.wires.inputs.has(slot)}
        y={MIDDLE}
      />
      {isNamed && (
        <span className="slot-name" title={look.tooltip || undefined}>
          {look.name}
        </span>
      )}
    </>
  );
}

function OutputSlot({ data, slot }: SlotRowProps) {
  const look = outputLook(data, slot);
  return (
    <>
      <span className="slot-name slot-name-output" title={look.tooltip || undefined}>
        {look.name}
      </span>
      <Slot
        {...look}
        node={data.node.id}
        slot={slot}
        side="output"
        wired={data.wires.outputs.has(slot)}
        y={MIDDLE}
      />
    </>
  );
}

interface WidgetRowProps {
  readonly data: NodeData;
  readonly name: string;
  readonly input: number | undefined;
}

function WidgetRow({ data, name, input }: WidgetRowProps) {
  const { node, definition } = data;
  const widget = definition?.widgets.find((each) => each.name === name) ?? null;
  const problem = useNodeErrors(node.id).find((each) => each.input === name)?.sentence ?? null;
  const change = useCallback(
    (value: Json) =>
      useDocuments.getState().edit('step.value', (graph) => setValue(graph, node.id, name, value), {
        merge: `value ${node.id} ${name}`,
      }),
    [node.id, name],
  );
  if (widget === null) {
    return (
      <span className="slot-name" title={name}>
        {name}
      </span>
    );
  }
  return (
    <div className="node-widget nodrag">
      <WidgetField
        node={node}
        widget={widget}
        value={node.values.get(name) ?? widget.default}
        onChange={change}
        linked={input !== undefined && data.wires.inputs.has(input)}
        problem={problem}
      />
    </div>
  );
}
