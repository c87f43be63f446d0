/** A frame around nodes: only its title takes the pointer, so that what lies in it is reached as if it were not there. */

import { type NodeProps, NodeResizeControl } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import { editGroup } from '../model/edit_groups';
import { useDocuments } from '../state/documents';
import { typeColour } from '../theme/typeColours';
import type { GroupFlow } from './flow';
import { Title } from './Title';
import { colourIn } from './titles';

const LEAST_WIDTH = 120;
const LEAST_HEIGHT = 60;

export const GroupView = memo(
  function GroupView({ id, data: { group }, selected }: NodeProps<GroupFlow>) {
    const rename = (title: string): void =>
      useDocuments.getState().edit('step.renamed', (graph) => editGroup(graph, group.id, { title }));
    const style = { '--tint': colourIn(group.color) ?? typeColour('INT') } as CSSProperties;
    return (
      <div className="group" style={style} data-selected={selected || undefined}>
        <div className="group-title nokey">
          <Title flowId={id} title={group.title} onRename={rename} />
        </div>
        {selected && (
          <NodeResizeControl
            className="node-resizer"
            position="bottom-right"
            minWidth={LEAST_WIDTH}
            minHeight={LEAST_HEIGHT}
          >
            <span className="resizer-corner" aria-hidden />
          </NodeResizeControl>
        )}
      </div>
    );
  },
  (before, after) => before.data === after.data && before.selected === after.selected,
);
