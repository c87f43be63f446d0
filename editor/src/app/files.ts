/** Opens and saves workflows: on the server, on this computer. */

import { api } from '../api/current';
import { ApiError } from '../api/errors';
import { translated } from '../i18n';
import { downloadText } from '../image/pictures';
import { stringifyJson } from '../model/json';
import { opened } from '../model/open';
import { toPrompt } from '../model/prompt';
import { writeWorkflow } from '../model/serialize';
import { EMPTY_GRAPH } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { activeDocument, useDocuments } from '../state/documents';
import { useInterface } from './interface';
import { complain, tell } from './messages';

const FOLDER = 'workflows';

/** The name a file stands under, without folder and ending. */
export function nameOf(path: string): string {
  return path.replace(/^workflows\//u, '').replace(/\.[^./]+$/u, '');
}

function fileOf(name: string): string {
  return `${FOLDER}/${name}.json`;
}

/** What cannot be part of a file's name on some system is left out. */
export function cleaned(name: string): string {
  return name
    .replace(/[\p{Cc}<>:"|?*\\]/gu, '')
    .split('/')
    .map((part) => part.trim().replace(/^\.+/u, ''))
    .filter((part) => part !== '')
    .join('/');
}

export function newDocument(): void {
  useDocuments.getState().open('', EMPTY_GRAPH);
}

/** Saves under the known name; one that has none asks for it. */
export async function save(): Promise<void> {
  const { file } = activeDocument();
  if (file === null) useInterface.getState().show('save');
  else await write(file, nameOf(file), true);
}

/** False: there is such a file, and it was not to be replaced. */
export async function saveAs(name: string, overwrite: boolean): Promise<boolean> {
  return write(fileOf(name), name, overwrite);
}

async function write(file: string, name: string, overwrite: boolean): Promise<boolean> {
  const { id, graph } = activeDocument();
  try {
    const text = stringifyJson(writeWorkflow(graph, useDefinitions.getState().definitions));
    await api().userFiles.write(file, text, overwrite);
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return false;
    complain('file.notSaved', error, { name });
    return true;
  }
  useDocuments.getState().markSaved(file, name, graph, id);
  tell('file.saved', { name });
  return true;
}

/** Opens a file of the server, or goes to the tab it is open in. */
export async function openSaved(file: string): Promise<void> {
  const { documents, activate } = useDocuments.getState();
  const there = documents.find((document) => document.file === file);
  if (there !== undefined) return activate(there.id);
  try {
    const text = await api().userFiles.read(file);
    await openText(nameOf(file), text, file);
  } catch (error) {
    complain('file.notOpened', error, { name: nameOf(file) });
  }
}

/** Throws where the text is no workflow. */
export async function openText(name: string, text: string, file: string | null = null): Promise<void> {
  await openBytes(name, new TextEncoder().encode(text), file);
}

async function openBytes(name: string, bytes: Uint8Array, file: string | null = null): Promise<void> {
  await useDefinitions.getState().load();
  const graph = await opened(`${name}.json`, bytes, useDefinitions.getState().definitions);
  useDocuments.getState().open(name, graph, file);
}

/** Opens files of this computer: workflows, API prompts, pictures that carry one. */
export async function openFiles(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    try {
      await useDefinitions.getState().load();
      const bytes = new Uint8Array(await file.arrayBuffer());
      const graph = await opened(file.name, bytes, useDefinitions.getState().definitions);
      useDocuments.getState().open(nameOf(file.name), graph);
    } catch (error) {
      complain('file.notOpened', error, { name: file.name });
    }
  }
}

/** Lets the user choose files of this computer. */
export function chooseFiles(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.json,.png,.webp,.jpg,.jpeg,application/json';
  input.addEventListener('change', () => void openFiles(input.files ?? []));
  input.click();
}

function downloadName(ending: string): string {
  const { name } = activeDocument();
  return `${(name === '' ? translated('app.untitled') : name).replaceAll('/', '-')}${ending}`;
}

export function exportWorkflow(): void {
  const json = writeWorkflow(activeDocument().graph, useDefinitions.getState().definitions);
  downloadText(stringifyJson(json, 2), downloadName('.json'));
}

export function exportPrompt(): void {
  const { prompt } = toPrompt(activeDocument().graph, useDefinitions.getState().definitions);
  downloadText(stringifyJson(prompt, 2), downloadName('.api.json'));
}

/** A workflow that is text already parsed elsewhere, such as that of a run. */
export async function openJson(name: string, json: Parameters<typeof stringifyJson>[0]): Promise<void> {
  await openText(name, stringifyJson(json));
}
