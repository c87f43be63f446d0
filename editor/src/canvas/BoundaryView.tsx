/** The inputs or the outputs of the subgraph that is open, as a node; its last socket makes a further one. */

import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { isFree } from '../model/boundary';
import { boundarySockets, moveSocket, removeSocket, renameSocket } from '../model/edit_boundary';
import { rowsOf, TITLE_HEIGHT } from '../model/measures';
import { type Graph, SUBGRAPH_INPUTS } from '../model/types';
import { useDocuments } from '../state/documents';
import type { NodeData } from './flow';
import { Slot } from './Slot';
import { inputLook, outputLook } from './sockets';
import { Title } from './Title';
import { useTitleEdit } from './titleEdit';

interface BoundaryProps {
  readonly data: NodeData;
  readonly selected: boolean;
}

export const BoundaryView = memo(function BoundaryView({ data, selected }: BoundaryProps) {
  const { t } = useTranslation();
  const isInputs = data.node.id === SUBGRAPH_INPUTS;
  return (
    <div className="node boundary" data-selected={selected || undefined}>
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
      {isNew ? (
        <span className={isInputs ? 'slot-name slot-name-output' : 'slot-name'}>{name}</span>
      ) : (
        <BoundaryName data={data} slot={slot} name={name} />
      )}
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

interface BoundaryNameProps {
  readonly data: NodeData;
  readonly slot: number;
  readonly name: string;
}

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

/** A double click on the name edits it; what else can be done shows while the pointer is over it. The keyboard finds all of it in the inspector. */
function BoundaryName({ data, slot, name }: BoundaryNameProps) {
  const { t } = useTranslation();
  const { id } = data.node;
  const isInputs = id === SUBGRAPH_INPUTS;
  const flowId = `${id} ${slot}`;
  const isEditing = useTitleEdit((state) => state.editing === flowId);
  const count = boundarySockets(data.node).length;
  const move = (to: number): void => edit('step.socketMoved', (graph) => moveSocket(graph, id, slot, to));
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keyboard renames in the inspector */}
      <span
        className={isInputs ? 'slot-name slot-name-output' : 'slot-name'}
        data-editing={isEditing || undefined}
        onDoubleClick={() => useTitleEdit.getState().begin(flowId)}
      >
        <Title
          flowId={flowId}
          title={name}
          onRename={(text) => edit('step.socketRenamed', (graph) => renameSocket(graph, id, slot, text))}
        />
      </span>
      {!isEditing && (
        <span className="boundary-tools nodrag" data-side={isInputs ? 'left' : 'right'}>
          {slot > 0 && (
            <BoundaryTool label={t('boundary.up', { name })} icon={ArrowUp} onClick={() => move(slot - 1)} />
          )}
          {slot < count - 1 && (
            <BoundaryTool
              label={t('boundary.down', { name })}
              icon={ArrowDown}
              onClick={() => move(slot + 1)}
            />
          )}
          <BoundaryTool
            label={t('boundary.remove', { name })}
            icon={X}
            onClick={() => edit('step.socketRemoved', (graph) => removeSocket(graph, id, slot))}
          />
        </span>
      )}
    </>
  );
}

interface BoundaryToolProps {
  readonly label: string;
  readonly icon: typeof X;
  readonly onClick: () => void;
}

function BoundaryTool({ label, icon: Icon, onClick }: BoundaryToolProps) {
  return (
    <button
      type="button"
      className="node-button"
      aria-label={label}
      title={label}
      tabIndex={-1}
      onClick={onClick}
    >
      <Icon size={13} aria-hidden />
    </button>
  );
}
