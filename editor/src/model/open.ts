/** Opens whatever file may hold a workflow: as an editor saves it, as the server runs it, or inside a picture. */

import { graphFromPrompt, isPrompt } from './apiFormat';
import type { Definitions } from './definition';
import { FormatError } from './formatError';
import { MOST_CHARACTERS, objectOf, parseJson } from './json';
import { pictureFormat, textsIn } from './pictures';
import { isWorkflow, readWorkflow } from './serialize';
import type { Graph, Json } from './types';

/** A request as it was sent to the server has the workflow beside the prompt, or only the prompt. */
function unwrapped(data: Json): Json {
  const isKnown: boolean = isWorkflow(data) || isPrompt(data);
  if (isKnown) return data;
  const { extra_data, workflow, prompt } = objectOf(data);
  return objectOf(objectOf(extra_data).extra_pnginfo).workflow ?? workflow ?? prompt ?? data;
}

function graphOf(data: Json, definitions: Definitions): Graph {
  if (isWorkflow(data)) return readWorkflow(data, definitions);
  if (isPrompt(data)) return graphFromPrompt(data, definitions);
  throw new FormatError('format.notAWorkflow');
}

async function inPicture(bytes: Uint8Array, definitions: Definitions): Promise<Graph> {
  const { workflow, prompt } = await textsIn(bytes);
  const text = workflow ?? prompt;
  if (text === null) throw new FormatError('format.noWorkflowInside');
  return graphOf(unwrapped(parseJson(text)), definitions);
}

async function read(bytes: Uint8Array, definitions: Definitions): Promise<Graph> {
  if (pictureFormat(bytes) !== null) return inPicture(bytes, definitions);
  if (bytes.length > MOST_CHARACTERS) throw new FormatError('format.tooLarge', { most: MOST_CHARACTERS });
  return graphOf(unwrapped(parseJson(new TextDecoder().decode(bytes))), definitions);
}

/** Throws a FormatError that bears the file's `name` for one with no workflow in it. */
export async function opened(name: string, bytes: Uint8Array, definitions: Definitions): Promise<Graph> {
  try {
    return await read(bytes, definitions);
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(error.key, { ...error.params, name }) : error;
  }
}
