/** A node: header, sockets, widgets, pictures. It is drawn anew only when its own part of the graph changes. */

import type { NodeProps } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import { isBoundary } from '../model/graph';
import { isHeaderOnly, isNote, previewTop, rowsOf, showsPictures } from '../model/measures';
import { BYPASSED, type GraphNode, MUTED } from '../model/types';
import { BoundaryView } from './BoundaryView';
import type { NodeData, NodeFlow } from './flow';
import { HeaderSlots } from './HeaderSlots';
import { NodeHeader } from './NodeHeader';
import { NodePictures, NodeText } from './NodePictures';
import { NodeProblems } from './NodeProblems';
import { NodeRow } from './NodeRow';
import { ProgressStrip, RunRing } from './NodeRun';
import { NoteView } from './NoteView';
import { Resizer } from './Resizer';
import { colourIn, headerColour } from './titles';
import './node.css';
import './nodeParts.css';

interface Shown {
  readonly data: NodeData;
  readonly selected: boolean;
}

export const NodeView = memo(
  function NodeView({ data, selected }: NodeProps<NodeFlow>) {
    const { node } = data;
    if (isBoundary(node.id)) return <BoundaryView data={data} selected={selected} />;
    if (isNote(node.type)) return <NoteView data={data} selected={selected} />;
    if (node.type === 'Reroute') return <RerouteNode data={data} selected={selected} />;
    return <FullNode data={data} selected={selected} />;
  },
  (before, after) => before.data === after.data && before.selected === after.selected,
);

/** The colours of a node as custom properties; the theme decides how light they are. */
export function coloursOf({ node, definition, subgraph }: NodeData): CSSProperties {
  const body = colourIn(node.bgcolor);
  return {
    '--tint': headerColour(node, definition, subgraph),
    ...(body === null ? {} : { '--body-tint': body }),
  } as CSSProperties;
}

function lookOf(node: GraphNode): string | undefined {
  if (node.mode === MUTED) return 'muted';
  return node.mode === BYPASSED ? 'bypassed' : undefined;
}

function FullNode({ data, selected }: Shown) {
  const { node, definition } = data;
  const isOpen = !isHeaderOnly(node);
  const isUnknown = definition === null && node.type !== 'PrimitiveNode';
  return (
    <div
      className="node"
      style={coloursOf(data)}
      data-look={lookOf(node)}
      data-collapsed={!isOpen || undefined}
      data-unknown={isUnknown || undefined}
      data-body-tint={colourIn(node.bgcolor) === null ? undefined : true}
      data-selected={selected || undefined}
    >
      <RunRing id={node.id} />
      <ProgressStrip id={node.id} />
      <NodeHeader data={data} isUnknown={isUnknown} />
      {isOpen ? <NodeBody data={data} /> : <HeaderSlots data={data} />}
      <NodeProblems id={node.id} />
      {isOpen && selected && <Resizer data={data} />}
    </div>
  );
}

function NodeBody({ data }: { readonly data: NodeData }) {
  const { node, definition } = data;
  const top = previewTop(node, definition);
  return (
    <>
      <div className="node-rows" style={{ height: top - HEADER }}>
        {rowsOf(node, definition).map((row) =>
          row.kind === 'preview' ? null : (
            <NodeRow
              key={`${row.widget ?? ''} ${row.input ?? ''} ${row.output ?? ''}`}
              row={row}
              data={data}
            />
          ),
        )}
      </div>
      <NodeText id={node.id} />
      <NodePictures node={node} definition={definition} hasRoom={showsPictures(definition)} />
    </>
  );
}

const HEADER = 30;

/** The kind of reroute that is a node of its own: no more than a title to hold on to. */
function RerouteNode({ data, selected }: Shown) {
  return (
    <div className="node node-reroute" style={coloursOf(data)} data-selected={selected || undefined}>
      <span className="node-reroute-type">{data.node.title ?? data.node.outputs[0]?.type ?? ''}</span>
      <HeaderSlots data={data} />
    </div>
  );
}
