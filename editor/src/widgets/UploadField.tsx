/** Brings a file of this computer to the server: chosen, or dropped here; the widget above then names it. */

import { Upload as UploadIcon, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, kindOf, thumbnailOf } from '../image/pictures';
import type { GraphNode } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { chosenFile, uploadTarget } from './pictures';
import type { ControlProps } from './types';
import type { UploadState } from './uploads';
import { useUpload } from './useUpload';

const ACCEPTED: Readonly<Record<string, string>> = { image: 'image/*', video: 'video/*', audio: 'audio/*' };

export function UploadField({ node, widget, linked, id, labelId, descriptionId }: ControlProps) {
  const { t } = useTranslation();
  const definition = useDefinitions((state) => state.definitions.get(node.type) ?? null);
  const target = uploadTarget(definition);
  const upload = useUpload(node, linked ? null : target);
  const input = useRef<HTMLInputElement>(null);
  const kind = target?.upload ?? widget.upload ?? '';
  const { state } = upload;
  const isBusy = state?.status === 'busy';
  return (
    <span className="widget-upload" data-dropping={upload.isOver || undefined} {...upload.drop}>
      <Thumbnail node={node} />
      <button
        id={id}
        type="button"
        className="nodrag widget-input widget-button-wide"
        disabled={linked || target === null || isBusy}
        aria-labelledby={`${labelId} ${id}`}
        aria-describedby={`${descriptionId} ${id}-state`}
        aria-busy={isBusy || undefined}
        title={t('widgets.uploadHint')}
        onClick={() => input.current?.click()}
      >
        <UploadIcon size={13} aria-hidden />
        <span className="ellipsis">
          {isBusy ? t('widgets.uploading', { name: state.name }) : t('widgets.upload')}
        </span>
      </button>
      <input
        ref={input}
        type="file"
        hidden
        tabIndex={-1}
        aria-hidden
        accept={ACCEPTED[kind]}
        data-testid="widget-file"
        onChange={(event) => {
          upload.send(event.currentTarget.files);
          // So that the same file can be chosen again.
          event.currentTarget.value = '';
        }}
      />
      {isBusy && <Sending state={state} />}
      <span
        id={`${id}-state`}
        role={state?.status === 'failed' ? 'alert' : undefined}
        className="widget-refusal"
      >
        {state?.status === 'failed' && <span title={state.sentence}>{state.sentence}</span>}
      </span>
    </span>
  );
}

/** How much of the file has been sent, and the way to give it up. */
function Sending({ state }: { readonly state: Extract<UploadState, { status: 'busy' }> }) {
  const { t } = useTranslation();
  const { name, part, cancel } = state;
  const percent = part === null ? null : Math.floor(part * 100);
  const label = t('widgets.uploadCancel', { name });
  return (
    <>
      {percent !== null && (
        <span className="widget-upload-percent" aria-hidden>
          {percent}%
        </span>
      )}
      <button
        type="button"
        className="nodrag widget-button"
        title={label}
        aria-label={label}
        onClick={(event) => {
          event.stopPropagation();
          cancel();
        }}
      >
        <X size={13} aria-hidden />
      </button>
      <progress
        max={100}
        {...(percent === null ? {} : { value: percent })}
        aria-label={t('widgets.uploading', { name })}
        aria-valuetext={percent === null ? undefined : t('widgets.uploadPercent', { percent })}
      />
    </>
  );
}

/** A small picture of what is chosen; nothing where that is no picture or is gone. */
function Thumbnail({ node }: { readonly node: GraphNode }) {
  const { t } = useTranslation();
  const definition = useDefinitions((state) => state.definitions.get(node.type) ?? null);
  const file = chosenFile(node, definition);
  const [broken, setBroken] = useState<string | null>(null);
  if (file === null || kindOf(file) !== 'image') return null;
  const address = thumbnailOf(file);
  if (broken === address) return null;
  return (
    <a className="nodrag widget-thumbnail" href={addressOf(file)} target="_blank" rel="noreferrer">
      <img
        src={address}
        alt={t('widgets.chosenPicture', { name: file.filename })}
        loading="lazy"
        draggable={false}
        onError={() => setBroken(address)}
      />
    </a>
  );
}
