/** A control of an extension in the place of a field; where it breaks, the plain field and what broke. */

import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { CustomField } from '../widgets/CustomField';
import type { ControlProps, WidgetControl } from '../widgets/types';
import type { Control } from './api';
import { duringStart } from './crash';
import { titleOfNode } from './graphView';
import { type LiveHandle, liveHandle, type Shown } from './handle';
import { report } from './store';
import './foreignField.css';

/** The control of an extension as one of the editor's own. */
export function foreignControl(pack: string, control: Control): WidgetControl {
  return function ForeignField(props: ControlProps) {
    const [problem, setProblem] = useState<string | null>(null);
    if (problem !== null) return <BrokenField {...props} pack={pack} sentence={problem} />;
    return <Mounted {...props} pack={pack} control={control} onBroken={setProblem} />;
  };
}

/** What stands in for the control of an extension that could not be loaded. */
export function brokenControl(pack: string, sentence: string): WidgetControl {
  return function BrokenControl(props: ControlProps) {
    return <BrokenField {...props} pack={pack} sentence={sentence} />;
  };
}

interface BrokenProps extends ControlProps {
  readonly pack: string;
  readonly sentence: string;
}

function BrokenField({ pack, sentence, ...props }: BrokenProps) {
  const { t } = useTranslation();
  const told = t('extensions.broken', { pack, sentence });
  return (
    <span className="widget-broken">
      <CustomField {...props} />
      <span className="widget-broken-note" role="note" title={told}>
        <TriangleAlert size={13} aria-hidden />
        <span>{told}</span>
      </span>
    </span>
  );
}

interface MountedProps extends ControlProps {
  readonly pack: string;
  readonly control: Control;
  readonly onBroken: (sentence: string) => void;
}

function Mounted({ pack, control, onBroken, ...props }: MountedProps) {
  const { node, widget, value, linked, problem, labelId, descriptionId } = props;
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const live = useRef<LiveHandle | null>(null);
  const latest = useRef<{ readonly props: ControlProps; readonly shown: Shown }>(null);
  latest.current = { props, shown: { value, linked, problem, theme } };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a node that only moved or got a value stays mounted
  useEffect(() => {
    const element = box.current;
    const now = latest.current;
    if (element === null || now === null) return;
    const failed = (error: unknown): void => onBroken(report(pack, error));
    const handle = liveHandle({
      node: now.props.node,
      title: titleOfNode(now.props.node),
      widget,
      shown: now.shown,
      change: (next) => latest.current?.props.onChange(next),
      failed,
    });
    live.current = handle;
    const unmount = mounted(control, pack, element, handle, failed);
    return () => {
      live.current = null;
      handle.close();
      try {
        unmount?.();
      } catch (error) {
        report(pack, error);
      }
      element.replaceChildren();
    };
  }, [pack, control, widget, node.id]);

  useEffect(() => live.current?.update({ value, linked, problem, theme }), [value, linked, problem, theme]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: what is inside is an extension's, and no set of form fields
    <div
      ref={box}
      className="widget-foreign nodrag nopan"
      role="group"
      aria-labelledby={labelId}
      aria-describedby={descriptionId}
      data-linked={linked || undefined}
      data-pack={pack}
    />
  );
}

function mounted(
  control: Control,
  pack: string,
  element: HTMLElement,
  handle: LiveHandle,
  failed: (error: unknown) => void,
): (() => void) | undefined {
  try {
    const unmount: unknown = duringStart(pack, () => control.mount(element, handle.outer));
    return typeof unmount === 'function' ? () => void unmount() : undefined;
  } catch (error) {
    failed(error);
    return undefined;
  }
}

function useTheme(): 'dark' | 'light' {
  return useSyncExternalStore(listen, shownTheme);
}

function shownTheme(): 'dark' | 'light' {
  return document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
}

function listen(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
