/** What the server says of the kind of node that is selected: what it does, what goes in with its bounds, what comes out. */

import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type InputDefinition,
  type NodeDefinition,
  type OutputDefinition,
  packOf,
  type Widget,
} from '../model/definition';
import { definitionOf } from '../model/instances';
import type { Json } from '../model/types';
import { useDefinitions } from '../state/definitions';
import { useInner, useSelection } from '../state/documents';
import { typeColour } from '../theme/typeColours';
import type { Translate } from '../widgets/nodeNames';
import { numberText } from '../widgets/numbers';
import { UnknownNode } from '../widgets/UnknownNode';
import { textOf } from '../widgets/values';
import { NotesMarkdown } from './NotesMarkdown';
import { useNodePage } from './nodePage';
import './nodeHelp.css';

/** More choices than this are only counted. */
const MOST_CHOICES = 12;

interface NodeHelpProps {
  /** A type to tell of in place of what is selected. */
  readonly type?: string;
}

export function NodeHelp({ type }: NodeHelpProps) {
  const { t } = useTranslation();
  const graph = useInner();
  const { nodes } = useSelection();
  const definitions = useDefinitions((state) => state.definitions);
  const [id] = nodes;
  const node = id === undefined ? undefined : graph.nodes.get(id);
  if (type === undefined && node === undefined) return <p className="empty">{t('widgets.help.none')}</p>;
  const given = type === undefined ? null : definitions.get(type);
  const definition = given ?? (node === undefined ? null : definitionOf(graph, node, definitions));
  if (definition === null) {
    return <UnknownNode type={type ?? node?.type ?? ''} properties={node?.properties} />;
  }
  return <Help definition={definition} />;
}

function Help({ definition }: { readonly definition: NodeDefinition }) {
  const { t } = useTranslation();
  const { displayName, id, category, module, inputs, outputs } = definition;
  const pack = packOf({ module });
  const text = useNodePage(definition) ?? definition.description;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keyboard
    <article className="node-help" tabIndex={0}>
      <h3>{displayName}</h3>
      <p className="muted node-help-origin">
        {[id, category, pack === null ? module : ''].filter((part) => part !== '').join(' · ')}
      </p>
      {pack !== null && <p className="muted node-help-origin">{t('packs.from', { pack })}</p>}
      <Marks definition={definition} />
      {text !== '' && <NotesMarkdown text={text} />}
      {inputs.length > 0 && (
        <section aria-label={t('widgets.inputs')}>
          <h4>{t('widgets.inputs')}</h4>
          <dl>
            {inputs.map((input) => (
              <InputHelp key={input.name} input={input} />
            ))}
          </dl>
        </section>
      )}
      {outputs.length > 0 && (
        <section aria-label={t('widgets.outputs')}>
          <h4>{t('widgets.outputs')}</h4>
          <dl>
            {outputs.map((output, slot) => (
              <OutputHelp key={`${slot} ${output.name}`} output={output} />
            ))}
          </dl>
        </section>
      )}
    </article>
  );
}

function Marks({ definition }: { readonly definition: NodeDefinition }) {
  const { t } = useTranslation();
  const marks = [
    definition.deprecated ? 'widgets.help.deprecated' : '',
    definition.experimental ? 'widgets.help.experimental' : '',
    definition.terminal ? 'widgets.help.terminal' : '',
  ].filter((key) => key !== '');
  if (marks.length === 0) return null;
  return (
    <ul className="node-help-marks">
      {marks.map((key) => (
        <li key={key} className="key">
          {t(key)}
        </li>
      ))}
    </ul>
  );
}

function TypeName({ type }: { readonly type: string }) {
  return (
    <span className="node-help-type">
      <span className="dot" style={{ '--dot': typeColour(type) } as CSSProperties} aria-hidden /> {type}
    </span>
  );
}

function InputHelp({ input }: { readonly input: InputDefinition }) {
  const { t } = useTranslation();
  const facts = input.widget === null ? [] : factsOf(input.widget, t);
  if (input.optional) facts.unshift(t('widgets.help.optional'));
  return (
    <div>
      <dt>
        {input.label || input.name} <TypeName type={input.type} />
      </dt>
      <dd>
        {input.tooltip !== '' && <p>{input.tooltip}</p>}
        {facts.length > 0 && <p className="muted">{facts.join(' · ')}</p>}
      </dd>
    </div>
  );
}

function OutputHelp({ output }: { readonly output: OutputDefinition }) {
  const { t } = useTranslation();
  return (
    <div>
      <dt>
        {output.label ?? output.name} <TypeName type={output.type} />
      </dt>
      <dd>
        {output.tooltip !== '' && <p>{output.tooltip}</p>}
        {output.isList && <p className="muted">{t('widgets.help.list')}</p>}
      </dd>
    </div>
  );
}

/** Bounds, steps, default and choices of a value. */
function factsOf(widget: Widget, t: Translate): string[] {
  const { minimum, maximum, step, choices } = widget;
  const text = (value: Json): string => numberText(value, widget);
  const facts: string[] = [];
  if (minimum !== null && maximum !== null) {
    facts.push(t('widgets.help.range', { minimum: text(minimum), maximum: text(maximum) }));
  }
  if (step !== null) facts.push(t('widgets.help.step', { step }));
  if (choices.length > MOST_CHOICES) facts.push(t('widgets.help.choices', { count: choices.length }));
  else if (choices.length > 0) facts.push(choices.map(textOf).join(', '));
  const start = typeof widget.default === 'number' ? text(widget.default) : textOf(widget.default);
  if (start !== '') facts.push(t('widgets.help.default', { value: start }));
  return facts;
}
