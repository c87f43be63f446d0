/** The inputs and outputs of the subgraph that is open, to be renamed, put in order and removed. */

import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  boundarySockets,
  moveSocket,
  removeSocket,
  renameSocket,
  renameSubgraph,
  socketLabel,
} from '../model/edit_boundary';
import { insideOf } from '../model/graph';
import type { Graph, NodeId, Output, Subgraph } from '../model/types';
import { SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS } from '../model/types';
import { type Document, useActiveDocument, useDocuments } from '../state/documents';
import { typeColour } from '../theme/typeColours';
import './subgraphSockets.css';

interface SubgraphSocketsProps {
  readonly graph: Graph;
  /** Only the inputs or only the outputs, by their node; null for both. */
  readonly only: NodeId | null;
}

export function SubgraphSockets({ graph, only }: SubgraphSocketsProps) {
  const { t } = useTranslation();
  const subgraph = openSubgraph(useActiveDocument());
  return (
    <>
      {only === null && subgraph !== null && (
        <header className="inspector-heading">
          <div className="field-row">
            <NameOfSubgraph key={subgraph.id} subgraph={subgraph} />
          </div>
        </header>
      )}
      {[SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS]
        .filter((id) => only === null || only === id)
        .map((id) => {
          const title = t(id === SUBGRAPH_INPUTS ? 'boundary.inputs' : 'boundary.outputs');
          return (
            <section key={id} aria-label={title}>
              <h3>{title}</h3>
              <Sockets graph={graph} id={id} />
            </section>
          );
        })}
    </>
  );
}

function openSubgraph({ graph, path }: Document): Subgraph | null {
  const holder = insideOf(graph, path.slice(0, -1));
  const instance = holder?.nodes.get(path.at(-1) ?? '');
  return graph.subgraphs.get(instance?.type ?? '') ?? null;
}

function edit(label: string, change: (graph: Graph) => Graph): void {
  useDocuments.getState().edit(label, change);
}

function NameOfSubgraph({ subgraph }: { readonly subgraph: Subgraph }) {
  const { t } = useTranslation();
  const id = useId();
  const rename = (name: string): void =>
    edit('step.subgraphRenamed', (graph) => renameSubgraph(graph, subgraph.id, name));
  return (
    <>
      <label htmlFor={id}>{t('boundary.subgraph')}</label>
      <NameField id={id} name={subgraph.name} label={t('boundary.subgraph')} onRename={rename} />
    </>
  );
}

function Sockets({ graph, id }: { readonly graph: Graph; readonly id: NodeId }) {
  const { t } = useTranslation();
  const node = graph.nodes.get(id);
  const sockets = node === undefined ? [] : boundarySockets(node);
  if (sockets.length === 0) return <p className="muted">{t('boundary.none')}</p>;
  return (
    <ol className="boundary-sockets">
      {sockets.map((socket, slot) => (
        <SocketRow
          key={socketKey(socket)}
          id={id}
          slot={slot}
          socket={socket}
          isLast={slot === sockets.length - 1}
        />
      ))}
    </ol>
  );
}

/** The same row goes on to be that of a socket when it moves, and so keeps the keyboard. */
function socketKey({ name, extra }: Output): string {
  return typeof extra.boundary === 'string' ? extra.boundary : name;
}

interface SocketRowProps {
  readonly id: NodeId;
  readonly slot: number;
  readonly socket: Output;
  readonly isLast: boolean;
}

function SocketRow({ id, slot, socket, isLast }: SocketRowProps) {
  const { t } = useTranslation();
  const name = socketLabel(socket);
  const move = (to: number): void => edit('step.socketMoved', (graph) => moveSocket(graph, id, slot, to));
  return (
    <li>
      <span
        className="dot"
        style={{ '--dot': typeColour(socket.type) } as CSSProperties}
        title={socket.type}
        aria-hidden
      />
      <NameField
        key={name}
        name={name}
        label={t('boundary.name', { name })}
        onRename={(text) => edit('step.socketRenamed', (graph) => renameSocket(graph, id, slot, text))}
      />
      <IconButton
        label={t('boundary.up', { name })}
        icon={ArrowUp}
        isOff={slot === 0}
        onClick={() => move(slot - 1)}
      />
      <IconButton
        label={t('boundary.down', { name })}
        icon={ArrowDown}
        isOff={isLast}
        onClick={() => move(slot + 1)}
      />
      <IconButton
        label={t('boundary.remove', { name })}
        icon={Trash2}
        isOff={false}
        onClick={() => edit('step.socketRemoved', (graph) => removeSocket(graph, id, slot))}
      />
    </li>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly icon: typeof ArrowUp;
  readonly isOff: boolean;
  readonly onClick: () => void;
}

/** One that is off keeps the keyboard, so that pressing it again and again ends where it should. */
function IconButton({ label, icon: Icon, isOff, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={() => isOff || onClick()}
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}

interface NameFieldProps {
  readonly name: string;
  readonly label: string;
  readonly id?: string;
  readonly onRename: (name: string) => void;
}

/** Takes the name when it is left or at Enter; Escape puts the old one back. */
function NameField({ name, label, id, onRename }: NameFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const commit = (): void => {
    if (text !== null && text.trim() !== name) onRename(text);
    setText(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') commit();
    if (event.key !== 'Escape' || text === null) return;
    event.preventDefault();
    event.stopPropagation();
    setText(null);
  };
  return (
    <input
      id={id}
      type="text"
      className="text-field"
      autoComplete="off"
      maxLength={200}
      aria-label={label}
      value={text ?? name}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
