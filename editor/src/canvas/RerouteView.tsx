/** A point that links pass through, to be moved. */

import type { NodeProps } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import { useTranslation } from 'react-i18next';
import { typeColour } from '../theme/typeColours';
import type { RerouteFlow } from './flow';

export const RerouteView = memo(
  function RerouteView({ data, selected }: NodeProps<RerouteFlow>) {
    const { t } = useTranslation();
    return (
      <div
        className="reroute"
        style={{ '--type': typeColour(data.type) } as CSSProperties}
        data-selected={selected || undefined}
        title={t('canvas.reroute', { type: data.type })}
      />
    );
  },
  (before, after) => before.data === after.data && before.selected === after.selected,
);
