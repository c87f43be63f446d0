/** The table of links: put either end elsewhere, cut them, and make new ones. */

import { Plus, Unlink } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connect, moveLinkEnd } from '../model/edit_links';
import type { Graph, Link, Socket } from '../model/types';
import { useDocuments } from '../state/documents';
import { severed, useNamed } from './NodeLinks';
import { fullSocketName, type Named } from './nodeNames';
import { PickButton } from './PickButton';
import { allOutputs, partnersOf, socketOf, socketValue } from './partners';
import { VirtualTable } from './VirtualTable';

const ROW_HEIGHT = 44;

interface OutlineLinksProps {
  readonly graph: Graph;
}

export function OutlineLinks({ graph }: OutlineLinksProps) {
  const { t } = useTranslation();
  const named = useNamed(graph);
  const links = useMemo(() => [...graph.links.values()], [graph.links]);
  return (
    <>
      <NewLink named={named} />
      {links.length === 0 && <p className="empty">{t('widgets.outline.noLinks')}</p>}
      <VirtualTable
        className="outline-links"
        label={t('widgets.outline.links')}
        columns={[
          { name: t('widgets.outline.from') },
          { name: t('widgets.outline.to') },
          { name: t('widgets.outline.actions'), className: 'outline-actions-column' },
        ]}
        count={links.length}
        rowHeight={ROW_HEIGHT}
        keyOf={(index) => `${links[index]?.id ?? ''}`}
        row={(index, measure) => {
          const link = links[index];
          if (link === undefined) return null;
          return <LinkRow key={link.id} named={named} link={link} index={index} measure={measure} />;
        }}
      />
    </>
  );
}

interface LinkRowProps {
  readonly named: Named;
  readonly link: Link;
  readonly index: number;
  readonly measure: (element: Element | null) => void;
}

function LinkRow({ named, link, index, measure }: LinkRowProps) {
  const { t } = named;
  const source: Socket = { node: link.source, slot: link.sourceSlot, side: 'output' };
  const target: Socket = { node: link.target, slot: link.targetSlot, side: 'input' };
  const cut = t('widgets.outline.cut', {
    from: fullSocketName(named, source),
    to: fullSocketName(named, target),
  });
  return (
    <tbody ref={measure} data-index={index}>
      <tr aria-rowindex={index + 2}>
        <td>
          <LinkEnd named={named} link={link} end={source} fixed={target} label="widgets.outline.changeFrom" />
        </td>
        <td>
          <LinkEnd named={named} link={link} end={target} fixed={source} label="widgets.outline.changeTo" />
        </td>
        <td>
          <button
            type="button"
            className="icon-button"
            aria-label={cut}
            title={cut}
            onClick={() => severed(link)}
          >
            <Unlink size={15} aria-hidden />
          </button>
        </td>
      </tr>
    </tbody>
  );
}

interface LinkEndProps {
  readonly named: Named;
  readonly link: Link;
  /** The end that is shown and moved. */
  readonly end: Socket;
  readonly fixed: Socket;
  readonly label: string;
}

function LinkEnd({ named, link, end, fixed, label }: LinkEndProps) {
  const name = fullSocketName(named, end);
  return (
    <PickButton
      className="outline-end"
      label={named.t(label, { name })}
      choices={() => partnersOf(named, fixed)}
      chosen={[socketValue(end)]}
      onPick={(value) => {
        const to = socketOf(value);
        if (to === null) return;
        useDocuments.getState().edit('step.connected', (graph) => moveLinkEnd(graph, link.id, to));
      }}
    >
      {name}
    </PickButton>
  );
}

/** First where it comes from, then where it goes to. */
function NewLink({ named }: { readonly named: Named }) {
  const { t } = named;
  const [from, setFrom] = useState<Socket | null>(null);
  const isThere = from !== null && named.graph.nodes.has(from.node);
  const finish = (to: Socket | null): void => {
    setFrom(null);
    if (from === null || to === null) return;
    useDocuments.getState().edit('step.connected', (graph) => connect(graph, from, to));
  };
  return (
    <div className="outline-search">
      <PickButton
        className="button"
        label={t('widgets.outline.newLink')}
        choices={() => allOutputs(named)}
        onPick={(value) => setFrom(socketOf(value))}
      >
        <Plus size={15} aria-hidden /> {t('widgets.outline.newLink')}
      </PickButton>
      {isThere && (
        <PickButton
          className="button"
          label={t('widgets.outline.chooseTarget', { name: fullSocketName(named, from) })}
          choices={() => partnersOf(named, from)}
          onPick={(value) => finish(socketOf(value))}
        >
          <span className="ellipsis">{fullSocketName(named, from)} → …</span>
        </PickButton>
      )}
    </div>
  );
}
