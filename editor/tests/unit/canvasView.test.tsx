/** The canvas on a page: nodes are there with names, values change the workflow, a node is drawn anew only for itself. */

import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { ReactFlowProvider } from '@xyflow/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canvas } from '../../src/canvas/controls';
import type { NodeData } from '../../src/canvas/flow';
import { GraphCanvas } from '../../src/canvas/GraphCanvas';
import { NodeHeader } from '../../src/canvas/NodeHeader';
import { NoteView } from '../../src/canvas/NoteView';
import { useTitleEdit } from '../../src/canvas/titleEdit';
import { addNote, emptyNode, setValue } from '../../src/model/edit_nodes';
import { EMPTY_GRAPH, type Graph, type GraphNode } from '../../src/model/types';
import { activeDocument, useDocuments } from '../../src/state/documents';
import '../../src/i18n';

function withNode(node: GraphNode): Graph {
  return { ...EMPTY_GRAPH, nodes: new Map([[node.id, node]]), lastNodeId: Number(node.id) };
}

function dataOf(node: GraphNode): NodeData {
  return { node, definition: null, subgraph: null, wires: { inputs: new Set(), outputs: new Set() } };
}

const NODE: GraphNode = { ...emptyNode('1', '<b>Kind</b>', [0, 0]), size: [220, 80] };

beforeEach(() => {
  useDocuments.getState().open('test', withNode(NODE));
});
afterEach(() => {
  cleanup();
  useTitleEdit.getState().end();
});

describe('a header', () => {
  it('shows names of files as text', () => {
    const { container } = render(<NodeHeader data={dataOf(NODE)} isUnknown />);
    expect(screen.getByText('<b>Kind</b>')).toBeTruthy();
    expect(container.querySelector('b')).toBeNull();
  });

  it('is renamed in place, and one step undoes it', () => {
    render(<NodeHeader data={dataOf(NODE)} isUnknown={false} />);
    act(() => useTitleEdit.getState().begin('1'));
    const field = screen.getByRole('textbox');
    fireEvent.change(field, { target: { value: 'Mine' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(activeDocument().graph.nodes.get('1')?.title).toBe('Mine');
    act(() => useDocuments.getState().undo());
    expect(activeDocument().graph.nodes.get('1')?.title).toBeNull();
  });

  it('folds the node', () => {
    render(<NodeHeader data={dataOf(NODE)} isUnknown={false} />);
    fireEvent.click(screen.getByRole('button', { name: 'Fold' }));
    expect(activeDocument().graph.nodes.get('1')?.collapsed).toBe(true);
  });
});

describe('a note', () => {
  it('is written into, letters typed together being one step', () => {
    const { graph, id } = addNote(EMPTY_GRAPH, [0, 0], 'Note');
    useDocuments.getState().open('note', graph);
    const before = activeDocument().past.length;
    const node = graph.nodes.get(id);
    if (node === undefined) throw new Error('no note');
    render(
      <ReactFlowProvider>
        <NoteView data={dataOf(node)} selected={false} />
      </ReactFlowProvider>,
    );
    const field = screen.getByRole('textbox');
    fireEvent.change(field, { target: { value: 'a' } });
    fireEvent.change(field, { target: { value: 'ab' } });
    expect(activeDocument().graph.nodes.get(id)?.values.get('text')).toBe('ab');
    expect(activeDocument().past.length).toBe(before + 1);
  });
});

describe('the canvas', () => {
  it('offers its controls while it is there', async () => {
    const { unmount } = render(<GraphCanvas />);
    expect(screen.getByRole('toolbar')).toBeTruthy();
    expect(() => canvas().fit()).not.toThrow();
    unmount();
    expect(canvas().pointer()).toEqual([0, 0]);
  });

  it('says what to do where there is nothing', () => {
    useDocuments.getState().open('empty', EMPTY_GRAPH);
    render(<GraphCanvas />);
    expect(screen.getByText(/Double-click to add a node/u)).toBeTruthy();
  });

  it('takes values of nodes it does not show', () => {
    render(<GraphCanvas />);
    act(() => useDocuments.getState().edit('step.value', (graph) => setValue(graph, '1', 'seed', 2n ** 60n)));
    expect(activeDocument().graph.nodes.get('1')?.values.get('seed')).toBe(2n ** 60n);
  });
});
