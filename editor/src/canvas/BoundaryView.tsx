/** The inputs or the outputs of the subgraph that is open, as a node; its last socket makes a further one. */

import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { isFree } from '../model/boundary';
import { rowsOf, TITLE_HEIGHT } from '../model/measures';
import { SUBGRAPH_INPUTS } from '../model/types';
import type { NodeData } from './flow';
import { Slot } from './Slot';
import { inputLook, outputLook } from './sockets';

export const BoundaryView = memo(function BoundaryView({ data }: { readonly data: NodeData }) {
  const { t } = useTranslation();
  const isInputs = data.node.id === SUBGRAPH_INPUTS;
  return (
    <div className="node boundary">
      <header className="node-header">
        <span className="title-text">{t(isInputs ? 'canvas.inputs' : 'canvas.outputs')}</span>
      </header>
      <div className="node-rows">
        {rowsOf(data.node, null).map((row) => {
          const slot = isInputs ? row.output : row.input;
          return slot === undefined ? null : <BoundaryRow key={slot} data={data} slot={slot} y={row.y} />;
        })}
      </div>
    </div>
  );
});

interface BoundaryRowProps {
  readonly data: NodeData;
  readonly slot: number;
  readonly y: number;
}

function BoundaryRow({ data, slot, y }: BoundaryRowProps) {
  const { t } = useTranslation();
  const { node, wires } = data;
  const isInputs = node.id === SUBGRAPH_INPUTS;
  const socket = isInputs ? node.outputs[slot] : node.inputs[slot];
  const look = isInputs ? outputLook(data, slot) : inputLook(data, slot);
  const isNew = socket !== undefined && isFree(socket);
  const name = isNew ? t('canvas.newSocket') : look.name;
  return (
    <div
      className="node-row"
      data-kind="slots"
      data-free={isNew || undefined}
      style={{ top: y - TITLE_HEIGHT }}
    >
      <span className={isInputs ? 'slot-name slot-name-output' : 'slot-name'}>{name}</span>
      <Slot
        {...look}
        name={name}
        node={node.id}
        slot={slot}
        side={isInputs ? 'output' : 'input'}
        wired={(isInputs ? wires.outputs : wires.inputs).has(slot)}
        y={13}
      />
    </div>
  );
}
