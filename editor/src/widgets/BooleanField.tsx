/** Yes or no, as a switch, with the words that the node has for both. */

import { useTranslation } from 'react-i18next';
import type { ControlProps } from './types';

export function BooleanField({ widget, value, onChange, linked, problem, id, descriptionId }: ControlProps) {
  const { t } = useTranslation();
  const isOn = value === true || value === 1 || value === 'true';
  const word = widget.options[isOn ? 'label_on' : 'label_off'];
  return (
    <span className="widget-switch">
      <span className="ellipsis muted" aria-hidden>
        {typeof word === 'string' && word !== '' ? word : t(isOn ? 'widgets.on' : 'widgets.off')}
      </span>
      <input
        id={id}
        className="nodrag"
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        checked={isOn}
        disabled={linked}
        aria-describedby={descriptionId}
        aria-invalid={problem !== null || undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </span>
  );
}
