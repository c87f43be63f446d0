/** A row of colours to choose from, with none at all and any other one. */

import { Ban } from 'lucide-react';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { NODE_COLOURS } from '../theme/nodeColours';

interface SwatchesProps {
  /** The one that is chosen, empty for none at all, null where several things have different ones. */
  readonly colour: string | null;
  readonly onPick: (colour: string | null) => void;
}

export function Swatches({ colour, onPick }: SwatchesProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="node-colours">
      <legend>{t('widgets.colour')}</legend>
      <button
        type="button"
        className="swatch"
        aria-label={t('widgets.colour.none')}
        title={t('widgets.colour.none')}
        aria-pressed={colour === ''}
        onClick={() => onPick(null)}
      >
        <Ban size={14} aria-hidden />
      </button>
      {NODE_COLOURS.map(([each, key]) => (
        <button
          key={each}
          type="button"
          className="swatch"
          style={{ '--swatch': each } as CSSProperties}
          aria-label={t(key)}
          title={t(key)}
          aria-pressed={colour === each}
          onClick={() => onPick(each)}
        />
      ))}
      <input
        type="color"
        className="swatch"
        aria-label={t('widgets.pickColour')}
        title={t('widgets.pickColour')}
        value={colour !== null && /^#[0-9a-f]{6}$/iu.test(colour) ? colour : '#4a4d55'}
        onChange={(event) => onPick(event.currentTarget.value)}
      />
    </fieldset>
  );
}
