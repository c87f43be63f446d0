/** The open level as two tables, of nodes and of links: all of it can be read and edited here without the canvas. */

import { Tabs } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { useInner } from '../state/documents';
import { OutlineLinks } from '../widgets/OutlineLinks';
import { OutlineNodes } from '../widgets/OutlineNodes';
import './inspector.css';
import './outline.css';

export function Outline() {
  const { t } = useTranslation();
  const graph = useInner();
  return (
    <Tabs.Root className="outline" defaultValue="nodes">
      <Tabs.List className="outline-tabs" aria-label={t('widgets.outline')}>
        <Tabs.Trigger value="nodes">
          {t('widgets.outline.nodes')} <span className="muted">{graph.nodes.size}</span>
        </Tabs.Trigger>
        <Tabs.Trigger value="links">
          {t('widgets.outline.links')} <span className="muted">{graph.links.size}</span>
        </Tabs.Trigger>
      </Tabs.List>
      <Tabs.Content className="outline-page" value="nodes">
        <OutlineNodes graph={graph} />
      </Tabs.Content>
      <Tabs.Content className="outline-page" value="links">
        <OutlineLinks graph={graph} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
