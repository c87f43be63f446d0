/** Lets files be dropped on a control, or chosen with it, for the widget that names a file on the server. */

import { type DragEvent, useState } from 'react';
import type { Widget } from '../model/definition';
import type { GraphNode } from '../model/types';
import { activeOf, useDocuments } from '../state/documents';
import { keyOf, placeOf } from './change';
import { type UploadState, uploadFor, useUploads } from './uploads';

interface DropHandlers {
  readonly onDragOver?: (event: DragEvent) => void;
  readonly onDragLeave?: () => void;
  readonly onDrop?: (event: DragEvent) => void;
}

export interface Upload {
  readonly state: UploadState | null;
  /** A file hangs over it. */
  readonly isOver: boolean;
  readonly drop: DropHandlers;
  readonly send: (files: FileList | null) => void;
}

/** `widget` is the one that gets the name; null where nothing can be uploaded. */
export function useUpload(node: GraphNode, widget: Widget | null): Upload {
  const key = useDocuments((state) => {
    if (widget === null) return '';
    const { id, path } = activeOf(state);
    return keyOf({ document: id, path, node: node.id });
  });
  const state = useUploads((uploads) => uploads.states.get(key) ?? null);
  const [isOver, setOver] = useState(false);
  const send = (files: FileList | null): void => {
    const file = files?.[0];
    if (file !== undefined && widget !== null) void uploadFor({ place: placeOf(node.id), widget }, file);
  };
  if (widget === null) return { state, isOver: false, drop: {}, send };
  const drop: DropHandlers = {
    onDragOver: (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event) => {
      setOver(false);
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      send(event.dataTransfer.files);
    },
  };
  return { state, isOver, drop, send };
}
