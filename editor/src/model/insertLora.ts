/** Puts a node that loads a LoRA between a model with its text encoder and all that use them. */

import { reached } from './connect';
import type { NodeDefinition } from './definition';
import { connect, inputOf, moveLinkEnd, outputOf } from './edit_links';
import { addNode, newNode, setValues } from './edit_nodes';
import { linkInto, linksFrom } from './graph';
import type { Graph, GraphNode, Json, Link, NodeId, Point, Socket } from './types';

export const LORA_LOADER = 'LoraLoader';
const NAME = 'lora_name';
const GAP = 40;
const MOST_STEPS = 1000;

/** The outputs that a LoRA is put behind. */
export interface LoraPlace {
  readonly model: Socket;
  readonly clip: Socket;
}

export interface Lora {
  readonly name: string;
  /** Null: what a new node has. */
  readonly strength: number | null;
}

/** The LoRAs that a node offers; none where the server has no such node. */
export function lorasOf(definition: NodeDefinition | undefined): readonly string[] {
  const choices = definition?.inputs.find(({ name }) => name === NAME)?.widget?.choices ?? [];
  return choices.filter((choice): choice is string => typeof choice === 'string');
}

/**
 * Where a LoRA belongs that a prompt asks for: behind the nearest node above it that gives both model and text encoder
 * (a checkpoint, or another LoRA), else behind the encoder's source and that of the model which the prompt steers.
 */
export function loraPlace(graph: Graph, prompt: NodeId): LoraPlace | null {
  let link = linkOfType(graph, prompt, 'CLIP');
  for (let steps = 0; link !== null && steps < MOST_STEPS; steps += 1) {
    const clip = outputOf(link.source, link.sourceSlot);
    const slot = outputOfType(graph.nodes.get(link.source), 'MODEL');
    if (slot >= 0) return { model: outputOf(link.source, slot), clip };
    const next: Link | null = linkOfType(graph, link.source, 'CLIP');
    if (next === null) return withModel(graph, prompt, clip);
    link = next;
  }
  return null;
}

function withModel(graph: Graph, prompt: NodeId, clip: Socket): LoraPlace | null {
  for (const id of reached(graph, [prompt], 'down')) {
    let model: Link | null = null;
    for (let link = linkOfType(graph, id, 'MODEL'); link !== null && link !== model; ) {
      model = link;
      link = linkOfType(graph, link.source, 'MODEL') ?? link;
    }
    if (model !== null) return { model: outputOf(model.source, model.sourceSlot), clip };
  }
  return null;
}

function linkOfType(graph: Graph, id: NodeId, type: string): Link | null {
  const inputs = graph.nodes.get(id)?.inputs ?? [];
  const slot = inputs.findIndex(
    (input, at) => (input.type === type || input.type === '*') && linkInto(graph, id, at)?.type === type,
  );
  return slot < 0 ? null : linkInto(graph, id, slot);
}

function outputOfType(node: GraphNode | undefined, type: string): number {
  return node?.outputs.findIndex((output) => output.type === type) ?? -1;
}

/** The graph with the LoRA in it and the id of its node; null where it cannot be wired. */
export function withLora(
  graph: Graph,
  definition: NodeDefinition,
  prompt: NodeId,
  lora: Lora,
): { readonly graph: Graph; readonly id: NodeId } | null {
  const place = loraPlace(graph, prompt);
  if (place === null) return null;
  const { graph: added, id } = addNode(graph, definition, freePlace(graph, place, definition));
  const node = added.nodes.get(id);
  const ends = (['MODEL', 'CLIP'] as const).map((type) => ({
    from: type === 'MODEL' ? place.model : place.clip,
    input: node?.inputs.findIndex((input) => input.type === type) ?? -1,
    output: outputOfType(node, type),
  }));
  if (ends.some(({ input, output }) => input < 0 || output < 0)) return null;
  let next = setValues(added, new Map([[id, valuesOf(definition, lora)]]));
  for (const { from, output } of ends)
    for (const link of linksFrom(graph, from.node, from.slot))
      next = moveLinkEnd(next, link.id, outputOf(id, output));
  for (const { from, input } of ends) next = connect(next, from, inputOf(id, input));
  return { graph: next, id };
}

function valuesOf(definition: NodeDefinition, { name, strength }: Lora): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>([[NAME, name]]);
  if (strength === null) return values;
  for (const widget of definition.widgets)
    if (widget.name.startsWith('strength_')) values.set(widget.name, strength);
  return values;
}

/** Below the model's source, or as far down from there as it takes to cover nothing. */
function freePlace(graph: Graph, { model }: LoraPlace, definition: NodeDefinition): Point {
  const source = graph.nodes.get(model.node);
  const [x, y] = source?.pos ?? [0, 0];
  const [width, height] = newNode(definition, [0, 0], '').size;
  const boxes = [...graph.nodes.values()];
  let top = y + (source?.size[1] ?? 0) + GAP;
  for (let steps = 0; steps < boxes.length; steps += 1) {
    const hit = boxes.find(
      ({ pos, size }) =>
        x < pos[0] + size[0] && pos[0] < x + width && top < pos[1] + size[1] && pos[1] - GAP < top + height,
    );
    if (hit === undefined) break;
    top = hit.pos[1] + hit.size[1] + GAP;
  }
  return [x, top];
}
