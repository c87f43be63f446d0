/** What happens to a seed with each run. */

import { useTranslation } from 'react-i18next';
import { CONTROLS } from '../model/definition';
import type { ControlProps } from './types';
import { textOf } from './values';

export function ControlField({ value, onChange, linked, problem, id, descriptionId }: ControlProps) {
  const { t } = useTranslation();
  const chosen = textOf(value);
  const isKnown = CONTROLS.some((control) => control === chosen);
  return (
    <select
      id={id}
      className="nodrag widget-input widget-select"
      value={chosen}
      disabled={linked}
      aria-describedby={descriptionId}
      aria-invalid={problem !== null || undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {!isKnown && <option value={chosen}>{chosen}</option>}
      {CONTROLS.map((control) => (
        <option key={control} value={control}>
          {t(`widgets.control.${control}`)}
        </option>
      ))}
    </select>
  );
}
