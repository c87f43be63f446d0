/** Opens the mask editor for a node that reads a picture; nothing for any other node. */

import { Brush } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { definitionOf } from '../model/instances';
import type { Graph, GraphNode } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { maskable, paintMaskOf } from './maskTarget';

interface MaskButtonProps {
  readonly graph: Graph;
  readonly node: GraphNode;
}

export function MaskButton({ graph, node }: MaskButtonProps) {
  const { t } = useTranslation();
  const definitions = useDefinitions((state) => state.definitions);
  if (maskable(graph, node, definitionOf(graph, node, definitions)) === null) return null;
  return (
    <button type="button" className="button mask-button" onClick={() => paintMaskOf(node)}>
      <Brush size={15} aria-hidden />
      {t('mask.edit')}
    </button>
  );
}
