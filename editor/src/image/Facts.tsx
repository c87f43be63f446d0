/** What a picture says of itself: size, kind, and the values it was made with. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../api/words';
import { parseJson, stringifyJson } from '../model/json';
import { textsIn } from '../model/pictures';
import type { Json } from '../model/types';
import { addressOf } from './pictures';

interface Found {
  readonly file: FileReference;
  readonly bytes: number;
  readonly size: string;
  readonly values: readonly NodeValues[];
}

export interface NodeValues {
  readonly id: string;
  readonly kind: string;
  readonly values: readonly (readonly [name: string, value: string])[];
}

export function Facts({ file }: { readonly file: FileReference }) {
  const { t } = useTranslation();
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let wanted = true;
    void factsOf(file)
      .then((facts) => wanted && setFound(facts))
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [file]);
  const facts = found?.file === file ? found : null;
  return (
    <aside className="facts" aria-label={t('lightbox.info')}>
      <p className="muted">{file.subfolder === '' ? file.type : `${file.type}/${file.subfolder}`}</p>
      {facts !== null && (
        <p>
          {facts.size} · {Math.max(1, Math.round(facts.bytes / 1024))} KB
        </p>
      )}
      {facts?.values.length === 0 && <p className="muted">{t('lightbox.nothingInside')}</p>}
      {facts?.values.map((node) => (
        <section key={node.id}>
          <h3>{node.kind}</h3>
          <dl>
            {node.values.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </aside>
  );
}

async function factsOf(file: FileReference): Promise<Found> {
  const blob = await (await fetch(addressOf(file))).blob();
  const texts = await textsIn(new Uint8Array(await blob.arrayBuffer()));
  return { file, bytes: blob.size, size: await sizeOf(blob), values: valuesIn(texts.prompt) };
}

async function sizeOf(blob: Blob): Promise<string> {
  try {
    const picture = await createImageBitmap(blob);
    const size = `${picture.width} × ${picture.height}`;
    picture.close();
    return size;
  } catch {
    return blob.type;
  }
}

/** The values of each node of a prompt; links are left out. */
export function valuesIn(prompt: string | null): readonly NodeValues[] {
  if (prompt === null) return [];
  try {
    return Object.entries(objectOf(parseJson(prompt)))
      .map(([id, node]) => nodeValues(id, objectOf(node)))
      .filter((node) => node.values.length > 0);
  } catch {
    return [];
  }
}

function nodeValues(id: string, node: Readonly<Record<string, Json>>): NodeValues {
  const values = Object.entries(objectOf(node.inputs ?? null))
    .filter(([, value]) => !Array.isArray(value))
    .map(([name, value]) => [name, typeof value === 'string' ? value : stringifyJson(value)] as const);
  return { id, kind: String(node.class_type ?? id), values };
}

function objectOf(value: Json): Readonly<Record<string, Json>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, Json>>) : {};
}
