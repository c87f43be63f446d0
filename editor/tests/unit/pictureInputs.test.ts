/** How pictures of the server get into a workflow: which node takes them, how they are named, in one step. */

import { beforeEach, describe, expect, it } from 'vitest';
import { picturesIn, takeAsInput } from '../../src/image/asInput';
import { connect } from '../../src/model/edit_links';
import { addNode } from '../../src/model/edit_nodes';
import {
  freePlace,
  nameOfPicture,
  targetAmong,
  usualLoader,
  withPictures,
} from '../../src/model/pictureInputs';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH, type Graph } from '../../src/model/types';
import { useDefinitions } from '../../src/state/definitions';
import { activeDocument, useDocuments } from '../../src/state/documents';
import { choicesOf, isKnownChoice } from '../../src/widgets/choices';
import '../../src/i18n';

const upload = (choices: readonly string[]) => [choices, { image_upload: true }] as const;
const kind = (input: object, output: readonly string[] = ['IMAGE']) => ({
  input: { required: input },
  output,
});
const DEFINITIONS = readDefinitions({
  LoadImageMask: kind({ image: upload(['a.png']) }, ['MASK']),
  Text: kind({ text: ['STRING', {}] }, ['COMBO']),
  LoadImage: kind({ image: upload(['a.png']) }),
} as never);

const picture = (filename: string, type = 'output', subfolder = '') => ({ filename, subfolder, type });

function graphOf(...kinds: readonly string[]): Graph {
  return kinds.reduce((graph, id, index) => {
    const definition = DEFINITIONS.get(id);
    if (definition === undefined) throw new Error(id);
    return addNode(graph, definition, [300 * index, 0]).graph;
  }, EMPTY_GRAPH);
}

describe('the name of a picture', () => {
  it('says where it lies unless that is the input folder', () => {
    expect(nameOfPicture(picture('a.png', 'output', 'x/y'))).toBe('x/y/a.png [output]');
    expect(nameOfPicture(picture('a.png', 'temp'))).toBe('a.png [temp]');
    expect(nameOfPicture(picture('a.png', 'input', 'x'))).toBe('x/a.png');
  });

  it('of another folder counts as known, and stands in the list as it is chosen', () => {
    const widget = DEFINITIONS.get('LoadImage')?.widgets[0];
    if (widget === undefined) throw new Error('no widget');
    expect(isKnownChoice(widget, 'b.png [output]')).toBe(true);
    expect(isKnownChoice(widget, 'b.png')).toBe(false);
    const text = choicesOf(widget, 'b.png [output]').map((each) => [each.text, each.isMissing]);
    expect(text).toEqual([
      ['b.png [output]', false],
      ['a.png', false],
    ]);
  });
});

describe('the target', () => {
  it('is the one selected node that reads a picture', () => {
    const graph = graphOf('LoadImage', 'Text', 'LoadImageMask');
    expect(targetAmong(graph, DEFINITIONS, ['1'])).toBe('1');
    expect(targetAmong(graph, DEFINITIONS, ['2', '3'])).toBe('3');
    expect(targetAmong(graph, DEFINITIONS, ['1', '3'])).toBeNull();
    expect(targetAmong(graph, DEFINITIONS, ['2'])).toBeNull();
    expect(targetAmong(graph, DEFINITIONS, [])).toBeNull();
  });

  it('is none whose picture comes over a link', () => {
    const graph = graphOf('LoadImage', 'Text');
    const slot = graph.nodes.get('1')?.inputs.findIndex((input) => input.name === 'image') ?? -1;
    const from = { node: '2', slot: 0, side: 'output' } as const;
    const linked = connect(graph, from, { node: '1', slot, side: 'input' });
    expect(linked.links.size).toBe(1);
    expect(targetAmong(linked, DEFINITIONS, ['1'])).toBeNull();
  });
});

describe('pictures', () => {
  it('are set at the target, and further ones become nodes of the usual kind below each other', () => {
    const graph = graphOf('LoadImageMask');
    const made = withPictures(graph, DEFINITIONS, [picture('a.png'), picture('b.png')], '1', [50, 60]);
    expect(made.ids).toEqual(['1', '2']);
    expect(made.graph.nodes.get('1')?.values.get('image')).toBe('a.png [output]');
    expect(made.graph.nodes.get('2')).toMatchObject({ type: 'LoadImage', pos: [50, 60] });
    expect(made.graph.nodes.get('2')?.values.get('image')).toBe('b.png [output]');
  });

  it('become nodes where there is no target', () => {
    const graph = graphOf('Text');
    const made = withPictures(graph, DEFINITIONS, [picture('a.png'), picture('b.png')], '1', [50, 60]);
    expect(made.ids).toEqual(['2', '3']);
    expect(made.graph.nodes.get('3')?.pos).toEqual([50, 400]);
    expect(usualLoader(DEFINITIONS)?.definition.id).toBe('LoadImage');
    expect(withPictures(graph, new Map(), [picture('a.png')], null, [0, 0]).ids).toEqual([]);
  });

  it('never become nodes that hide others', () => {
    const graph = graphOf('Text', 'Text');
    expect(freePlace(graph, [300.2, 0.3])).toEqual([330, 30]);
    expect(freePlace(graph, [10, 10])).toEqual([10, 10]);
  });

  it('that are dropped have the form of files', () => {
    const text = JSON.stringify([picture('a.png'), { filename: 5 }, null, 'x']);
    expect(picturesIn(text)).toEqual([picture('a.png')]);
    expect(picturesIn('no json')).toEqual([]);
    expect(picturesIn('{"filename": "a.png"}')).toEqual([]);
  });
});

describe('using a picture as input', () => {
  beforeEach(() => {
    useDefinitions.setState({ status: 'ready', definitions: DEFINITIONS });
    useDocuments.getState().open('test', graphOf('LoadImage', 'Text'));
  });

  it('is one step that can be undone, at the selected node', () => {
    useDocuments.getState().select({ nodes: new Set(['1']) });
    expect(takeAsInput([picture('new.png')])).toEqual(['1']);
    expect(activeDocument().graph.nodes.get('1')?.values.get('image')).toBe('new.png [output]');
    expect(activeDocument().past).toHaveLength(1);
    useDocuments.getState().undo();
    expect(activeDocument().graph.nodes.get('1')?.values.get('image')).toBe('a.png');
  });

  it('is one step that can be undone, as new nodes that are selected then', () => {
    const ids = takeAsInput([picture('new.png'), picture('other.png')]);
    expect(ids).toEqual(['3', '4']);
    expect([...activeDocument().selection.nodes]).toEqual(['3', '4']);
    useDocuments.getState().undo();
    expect(activeDocument().graph.nodes.size).toBe(2);
  });
});
