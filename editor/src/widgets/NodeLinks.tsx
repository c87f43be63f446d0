/** The sockets of a node with what they are connected to; connecting and cutting without a drag. */

import { Locate, Plus, Replace, Unlink } from 'lucide-react';
import { type CSSProperties, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { canvas } from '../canvas/controls';
import { connect, disconnect } from '../model/edit_links';
import { linkInto, linksFrom, socketAt } from '../model/graph';
import type { Graph, GraphNode, Link, NodeId, Socket } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { useDocuments } from '../state/documents';
import { typeColour } from '../theme/typeColours';
import { fullSocketName, type Named, socketName } from './nodeNames';
import { PickButton } from './PickButton';
import { partnersOf, socketOf, socketValue } from './partners';

export function useNamed(graph: Graph): Named {
  const { t } = useTranslation();
  const definitions = useDefinitions((state) => state.definitions);
  return useMemo(() => ({ graph, definitions, t }), [graph, definitions, t]);
}

/** Selects a node and gives it the keyboard. */
export function showNode(id: NodeId): void {
  useDocuments.getState().select({ nodes: new Set([id]) });
  canvas().focusNode(id);
}

interface NodeLinksProps {
  readonly graph: Graph;
  readonly node: GraphNode;
}

export function NodeLinks({ graph, node }: NodeLinksProps) {
  const { t } = useTranslation();
  const named = useNamed(graph);
  if (node.inputs.length + node.outputs.length === 0)
    return <p className="muted">{t('widgets.noSockets')}</p>;
  return (
    <>
      <SocketList named={named} node={node} side="input" title={t('widgets.inputs')} />
      <SocketList named={named} node={node} side="output" title={t('widgets.outputs')} />
    </>
  );
}

interface SocketListProps {
  readonly named: Named;
  readonly node: GraphNode;
  readonly side: Socket['side'];
  readonly title: string;
}

function SocketList({ named, node, side, title }: SocketListProps) {
  const sockets = side === 'input' ? node.inputs : node.outputs;
  if (sockets.length === 0) return null;
  return (
    <section className="node-sockets" aria-label={title}>
      <h4>{title}</h4>
      <ul>
        {sockets.map((socket, slot) => (
          <SocketEntry key={`${slot} ${socket.name}`} named={named} socket={{ node: node.id, slot, side }} />
        ))}
      </ul>
    </section>
  );
}

function SocketEntry({ named, socket }: { readonly named: Named; readonly socket: Socket }) {
  const { graph, t } = named;
  const type = socketAt(graph, socket)?.type ?? '*';
  const name = socketName(named, socket);
  const links = linksAt(graph, socket);
  const replaces = socket.side === 'input' && links.length > 0;
  const chosen = links.map((link) => socketValue(otherEnd(link, socket)));
  return (
    <li className="node-socket">
      <span className="dot" style={{ '--dot': typeColour(type) } as CSSProperties} aria-hidden />
      <span className="node-socket-name ellipsis" title={`${name} (${type})`}>
        {name} <span className="muted">{type === name ? '' : type}</span>
      </span>
      <PickButton
        className="icon-button"
        label={t(replaces ? 'widgets.reconnect' : 'widgets.connect', { name })}
        choices={() => partnersOf(named, socket)}
        chosen={chosen}
        onPick={(value) => {
          const other = socketOf(value);
          if (other !== null) joined(socket, other);
        }}
      >
        {replaces ? <Replace size={14} aria-hidden /> : <Plus size={14} aria-hidden />}
      </PickButton>
      {links.length > 0 && (
        <ul className="node-socket-links">
          {links.map((link) => (
            <LinkEntry key={link.id} named={named} link={link} other={otherEnd(link, socket)} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface LinkEntryProps {
  readonly named: Named;
  readonly link: Link;
  readonly other: Socket;
}

function LinkEntry({ named, link, other }: LinkEntryProps) {
  const { t } = named;
  const name = fullSocketName(named, other);
  const [show, cut] = [t('widgets.goTo', { name }), t('widgets.disconnect', { name })];
  return (
    <li>
      <span className="ellipsis" title={name}>
        {other.side === 'output' ? '← ' : '→ '}
        {name}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={show}
        title={show}
        onClick={() => showNode(other.node)}
      >
        <Locate size={14} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={cut}
        title={cut}
        onClick={() => severed(link)}
      >
        <Unlink size={14} aria-hidden />
      </button>
    </li>
  );
}

function joined(socket: Socket, other: Socket): void {
  useDocuments.getState().edit('step.connected', (graph) => connect(graph, socket, other));
}

export function severed(link: Link): void {
  useDocuments.getState().edit('step.disconnected', (graph) => disconnect(graph, link.id));
}

function linksAt(graph: Graph, { node, slot, side }: Socket): readonly Link[] {
  if (side === 'output') return linksFrom(graph, node, slot);
  const link = linkInto(graph, node, slot);
  return link === null ? [] : [link];
}

function otherEnd(link: Link, socket: Socket): Socket {
  return socket.side === 'input'
    ? { node: link.source, slot: link.sourceSlot, side: 'output' }
    : { node: link.target, slot: link.targetSlot, side: 'input' };
}
