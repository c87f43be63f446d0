/** A table of the values in which two pictures differ. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../../api/words';
import { translated } from '../../i18n';
import { textsIn } from '../../model/pictures';
import { type NodeValues, valuesIn } from '../Facts';
import { addressOf, keyOf } from '../pictures';
import { type Difference, differencesOf } from './differing';

interface DifferencesProps {
  readonly one: FileReference;
  readonly other: FileReference;
}

interface Found {
  readonly of: string;
  readonly differences: readonly Difference[];
  readonly sentence: string;
}

export function Differences({ one, other }: DifferencesProps) {
  const { t } = useTranslation();
  const [found, setFound] = useState<Found | null>(null);
  const of = `${keyOf(one)}\n${keyOf(other)}`;
  useEffect(() => {
    let wanted = true;
    void look(one, other)
      .catch(() => ({ differences: [], sentence: translated('gallery.gone') }))
      .then((told) => wanted && setFound({ of, ...told }));
    return () => {
      wanted = false;
    };
  }, [one, other, of]);
  if (found?.of !== of) return <aside className="facts" aria-label={t('compare.values')} aria-busy />;
  return (
    <aside className="facts" aria-label={t('compare.values')}>
      {found.sentence !== '' && <p className="muted">{found.sentence}</p>}
      {found.differences.map(({ node, name, one: left, other: right }) => (
        <section key={`${node} ${name}`} className="comparison-value">
          <h3>
            {node} · {name}
          </h3>
          <dl>
            <div>
              <dt>A</dt>
              <dd>{left ?? '—'}</dd>
            </div>
            <div>
              <dt>B</dt>
              <dd>{right ?? '—'}</dd>
            </div>
          </dl>
        </section>
      ))}
    </aside>
  );
}

async function look(
  one: FileReference,
  other: FileReference,
): Promise<Pick<Found, 'differences' | 'sentence'>> {
  const [ones, others] = await Promise.all([valuesOf(one), valuesOf(other)]);
  const differences = differencesOf(ones, others);
  if (differences.length > 0) return { differences, sentence: '' };
  const isSilent = ones.length === 0 && others.length === 0;
  return { differences, sentence: translated(isSilent ? 'lightbox.nothingInside' : 'compare.sameValues') };
}

async function valuesOf(file: FileReference): Promise<readonly NodeValues[]> {
  const answer = await fetch(addressOf(file));
  if (!answer.ok) throw new Error(answer.statusText);
  const texts = await textsIn(new Uint8Array(await answer.arrayBuffer()));
  return valuesIn(texts.prompt);
}
