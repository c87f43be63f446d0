/** One pack: its state in a line, below it what is wrong and what to do, and what else there is to know, unfolding. */

import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { tell, warn } from '../app/messages';
import { useDefinitions } from '../state/definitions';
import type { Pack } from '../state/packs';

export function PackRow({ pack }: { readonly pack: Pack }) {
  const { t } = useTranslation();
  const { name, state, version, source, seconds, nodes, problem, remedy, refused, traceback } = pack;
  const facts = [
    version,
    source,
    state === 'loaded' ? t('packs.nodes', { count: nodes.length }) : '',
    seconds > 0 ? t('packs.seconds', { seconds: seconds.toFixed(2) }) : '',
  ].filter((part) => part !== '');
  return (
    <li className="pack-row" data-state={state}>
      <div className="pack-head">
        <span className="pack-name">{name}</span>
        <span className="pack-state" data-state={state}>
          {t(`packs.state.${state}`)}
        </span>
      </div>
      <p className="muted pack-facts">{facts.join(' · ')}</p>
      {problem !== '' && <p className="pack-problem">{problem}</p>}
      {remedy !== '' && pack.missing.length === 0 && <p className="pack-remedy">{remedy}</p>}
      {pack.missing.length > 0 && <Missing requirements={pack.missing} />}
      {refused.length > 0 && <Refused pack={pack} />}
      {nodes.length > 0 && <Nodes ids={nodes} />}
      {pack.warnings.length > 0 && (
        <Unfolding title={t('packs.warnings', { count: pack.warnings.length })} items={pack.warnings} />
      )}
      {pack.routes.length > 0 && <Routes pack={pack} />}
      {traceback !== '' && (
        <details className="pack-more">
          <summary>{t('packs.traceback')}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keyboard */}
          <pre tabIndex={0} className="pack-traceback">
            {traceback}
          </pre>
        </details>
      )}
    </li>
  );
}

/** As a shell takes it: what it would read as something else stands in quotes. */
export function installCommand(requirements: readonly string[]): string {
  const quoted = requirements.map((each) =>
    /^[\w.-]+$/u.test(each) ? each : `'${each.replaceAll("'", `'"'"'`)}'`,
  );
  return ['pip install', ...quoted].join(' ');
}

function Missing({ requirements }: { readonly requirements: readonly string[] }) {
  const { t } = useTranslation();
  const command = installCommand(requirements);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command);
      tell('packs.copied');
    } catch {
      warn('packs.notCopied');
    }
  };
  return (
    <div className="pack-missing">
      <p>{t('packs.missing', { count: requirements.length })}</p>
      <code>{command}</code>
      <button type="button" className="button" onClick={() => void copy()} aria-label={t('packs.copy')}>
        <Copy size={14} aria-hidden /> {t('packs.copyShort')}
      </button>
    </div>
  );
}

function Refused({ pack }: { readonly pack: Pack }) {
  const { t } = useTranslation();
  return (
    <ul className="pack-refused" aria-label={t('packs.refused', { pack: pack.name })}>
      {pack.refused.map(({ node, problem, remedy }) => (
        <li key={node}>
          <strong>{node}</strong>: {problem} <span className="muted">{remedy}</span>
        </li>
      ))}
    </ul>
  );
}

function Nodes({ ids }: { readonly ids: readonly string[] }) {
  const { t } = useTranslation();
  const definitions = useDefinitions((state) => state.definitions);
  const names = ids.map((id) => definitions.get(id)?.displayName ?? id);
  return <Unfolding title={t('packs.showNodes', { count: ids.length })} items={names} />;
}

function Routes({ pack }: { readonly pack: Pack }) {
  const { t } = useTranslation();
  const count = pack.routes.length;
  const title = t(pack.serves_routes ? 'packs.routes.served' : 'packs.routes.off', { count });
  return <Unfolding title={title} items={pack.routes} />;
}

interface UnfoldingProps {
  readonly title: string;
  readonly items: readonly string[];
}

function Unfolding({ title, items }: UnfoldingProps) {
  return (
    <details className="pack-more">
      <summary>{title}</summary>
      <ul>
        {items.map((item, at) => (
          <li key={`${at} ${item}`}>{item}</li>
        ))}
      </ul>
    </details>
  );
}
