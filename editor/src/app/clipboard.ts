/** Copies nodes as text and puts them back, also between tabs and programs; pasted files are opened. */

import { canvas } from '../canvas/controls';
import { copied, pasted } from '../model/clipboard';
import { removeNodes } from '../model/edit_remove';
import { useDefinitions } from '../state/definitions';
import { activeDocument, innerOf, useDocuments } from '../state/documents';
import { openFiles } from './files';
import { warn } from './messages';

const FIELD = 'input, textarea, select, [contenteditable="true"]';

/** What was copied last, for browsers that do not let a page read what other programs copied. */
let kept = '';
let keepsLinks = false;

/** Listens to the page's own events, which need no permission; returns what ends it. */
export function bindClipboard(): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  window.addEventListener('keydown', (event) => (keepsLinks = event.shiftKey), { capture: true, signal });
  document.addEventListener('copy', (event) => take(event, false), { signal });
  document.addEventListener('cut', (event) => take(event, true), { signal });
  document.addEventListener('paste', pasteEvent, { signal });
  return () => stop.abort();
}

function belongsToField(event: Event): boolean {
  const inField = event.target instanceof Element && event.target.closest(FIELD) !== null;
  return (
    inField ||
    (window.getSelection()?.toString() ?? '') !== '' ||
    document.querySelector('[role="dialog"]') !== null
  );
}

function take(event: ClipboardEvent, away: boolean): void {
  const text = belongsToField(event) ? null : selectedText();
  if (text === null) return;
  event.clipboardData?.setData('text/plain', text);
  event.preventDefault();
  kept = text;
  if (away) removeSelected();
}

function pasteEvent(event: ClipboardEvent): void {
  if (event.defaultPrevented || belongsToField(event)) return;
  const files = [...(event.clipboardData?.files ?? [])];
  const text = event.clipboardData?.getData('text/plain') ?? '';
  if (files.length === 0 && text === '') return;
  event.preventDefault();
  if (text !== '' && pasteText(text, keepsLinks)) return;
  if (files.length > 0) void openFiles(files);
  else if (text.trimStart().startsWith('{')) void openFiles([new File([text], 'pasted.json')]);
  else warn('edit.notPasted');
}

function selectedText(): string | null {
  const { nodes } = activeDocument().selection;
  return nodes.size === 0 ? null : copied(innerOf(activeDocument()), nodes);
}

function removeSelected(): void {
  const { nodes } = activeDocument().selection;
  useDocuments
    .getState()
    .edit('step.cut', (graph) => removeNodes(graph, nodes, { reconnect: false }), { select: {} });
}

/** False: the text holds no nodes. */
function pasteText(text: string, keepIncoming: boolean): boolean {
  const { definitions } = useDefinitions.getState();
  const made = pasted(innerOf(activeDocument()), definitions, text, canvas().pointer(), keepIncoming);
  if (made === null) return false;
  useDocuments.getState().edit('step.pasted', () => made.graph, { select: { nodes: new Set(made.ids) } });
  return true;
}

/** From a menu. */
export async function copy(): Promise<void> {
  const text = selectedText();
  if (text === null) return;
  kept = text;
  await writeText(text);
}

export async function cut(): Promise<void> {
  await copy();
  removeSelected();
}

export async function paste(keepIncoming: boolean): Promise<void> {
  const text = await readText();
  if (!pasteText(text, keepIncoming) && !pasteText(kept, keepIncoming)) warn('edit.notPasted');
}

/** Absent where the page is not served securely, refused where the user said so. */
async function readText(): Promise<string> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return kept;
  }
}

async function writeText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // It stays in `kept`, which is enough within this page.
  }
}
