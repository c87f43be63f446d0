/** One widget as a row: its name, the control for its value, and what is wrong with it. */

import { TriangleAlert } from 'lucide-react';
import { memo, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { tallness } from '../model/measures';
import { useControlFor } from './registry';
import type { WidgetProps } from './types';
import './choices.css';
import './widgets.css';

export type WidgetFieldProps = WidgetProps;

export const WidgetField = memo(function WidgetField(props: WidgetFieldProps) {
  const { widget, linked, problem } = props;
  const { t } = useTranslation();
  const id = useId();
  const Control = useControlFor(widget);
  const description = [problem, widget.tooltip, linked ? t('widgets.linked') : '']
    .filter((part) => part !== null && part !== '')
    .join(' ');
  return (
    <div
      className="widget nokey"
      data-widget={widget.name}
      data-kind={widget.kind}
      data-tall={tallness(widget) !== null || undefined}
      data-linked={linked || undefined}
      data-problem={problem === null ? undefined : true}
    >
      <label id={`${id}-label`} className="widget-label" htmlFor={id} title={widget.tooltip || undefined}>
        {nameOf(props, t)}
      </label>
      <Control {...props} id={id} labelId={`${id}-label`} descriptionId={`${id}-description`} />
      {problem !== null && (
        <span className="widget-problem" title={problem} aria-hidden>
          <TriangleAlert size={13} />
        </span>
      )}
      <span id={`${id}-description`} className="visually-hidden">
        {description}
      </span>
    </div>
  );
});

function nameOf({ widget }: WidgetFieldProps, t: (key: string) => string): string {
  if (widget.kind === 'control') return t('widgets.control');
  if (widget.kind === 'upload') return t('widgets.file');
  return widget.label || widget.name;
}
