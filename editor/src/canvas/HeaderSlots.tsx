/** All sockets of a node that shows only its title, in the middle of either side. */

import { TITLE_HEIGHT } from '../model/measures';
import type { NodeData } from './flow';
import { Slot } from './Slot';

export function HeaderSlots({ data }: { readonly data: NodeData }) {
  const { node, wires } = data;
  const y = TITLE_HEIGHT / 2;
  return (
    <>
      {node.inputs.map((input, slot) => (
        <Slot
          key={slot}
          node={node.id}
          slot={slot}
          side="input"
          type={input.type}
          name={input.name}
          tooltip=""
          wired={wires.inputs.has(slot)}
          shape="plain"
          y={y}
        />
      ))}
      {node.outputs.map((output, slot) => (
        <Slot
          key={slot}
          node={node.id}
          slot={slot}
          side="output"
          type={output.type}
          name={output.name}
          tooltip=""
          wired={wires.outputs.has(slot)}
          shape="plain"
          y={y}
        />
      ))}
    </>
  );
}
