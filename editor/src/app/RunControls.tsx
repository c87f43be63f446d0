/** The button that runs the workflow, how many times, and the one that stops it. */

import { Check, ChevronDown, LoaderCircle, Play, RefreshCw, Repeat, Square, X } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../commands/current';
import { ariaKeys, shownKeys } from '../commands/shortcuts';
import type { Command } from '../commands/types';
import { CommandItems } from '../panels/CommandItems';
import { AUTO_MODES, type AutoMode, useAutoRun } from '../state/autoRun';
import { useConnection } from '../state/connection';
import { useRuns, useShownRun } from '../state/runs';
import { MOST_COUNT, useInterface } from './interface';
import { interrupt, run } from './running';

export function RunControls() {
  const { t } = useTranslation();
  const submitting = useRuns((state) => state.submitting);
  const lost = useConnection((state) => state.status === 'lost');
  const count = useInterface((state) => state.count);
  const command = useCommand('run.queue');
  return (
    <div className="run-controls">
      <Auto />
      <Stop />
      <div className="run-button">
        <button
          type="button"
          className="button primary"
          data-command="run.queue"
          disabled={lost}
          aria-busy={submitting}
          aria-keyshortcuts={ariaKeys(command.keys)}
          title={named(t(command.title), command)}
          onClick={() => void run()}
        >
          {submitting ? (
            <LoaderCircle size={15} className="spinning" />
          ) : (
            <Play size={15} fill="currentColor" />
          )}
          <span className="run-label">{t('run.button')}</span>
          {count > 1 && <span className="number">×{count}</span>}
        </button>
        <Options />
      </div>
    </div>
  );
}

/** A name with the keys for it. */
function named(name: string, { keys }: Command): string {
  return keys[0] === undefined ? name : `${name} (${shownKeys(keys[0])})`;
}

function Options() {
  const { t } = useTranslation();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button primary run-more" aria-label={t('run.options')}>
        <ChevronDown size={15} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popup" align="end" sideOffset={4}>
          <Count />
          <AutoModes />
          <CommandItems
            ids={[null, 'run.queue', 'run.first', 'run.selected', null, 'run.interrupt', 'run.clearQueue']}
          />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Says that the workflow runs by itself, for as long as it does; a press ends that. */
function Auto() {
  const { t } = useTranslation();
  const { mode, isIdle, set } = useAutoRun();
  if (mode === 'off') return null;
  const Icon = mode === 'change' ? RefreshCw : Repeat;
  const sentence = t(mode === 'change' ? 'run.auto.onChange' : 'run.auto.onInstant');
  return (
    <button
      type="button"
      className="button run-auto"
      data-idle={isIdle || undefined}
      title={isIdle ? t('run.auto.idle') : sentence}
      aria-label={`${sentence}. ${t('run.auto.turnOff')}`}
      onClick={() => set('off')}
    >
      <Icon size={14} aria-hidden />
      <span className="wide-only">{sentence}</span>
      <X size={14} aria-hidden />
    </button>
  );
}

function AutoModes() {
  const { t } = useTranslation();
  const { mode, set } = useAutoRun();
  return (
    <>
      <DropdownMenu.Separator className="menu-line" />
      <DropdownMenu.Label className="menu-label">{t('run.auto')}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={mode} onValueChange={(value) => set(value as AutoMode)}>
        {AUTO_MODES.map((each) => (
          <DropdownMenu.RadioItem key={each} value={each} className="menu-item">
            <span>{t(`run.auto.${each}`)}</span>
            <DropdownMenu.ItemIndicator>
              <Check size={15} aria-hidden />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}

function Count() {
  const { t } = useTranslation();
  const { count, setCount } = useInterface();
  const id = useId();
  return (
    <div className="run-count">
      <label htmlFor={id}>{t('run.count')}</label>
      <input
        id={id}
        type="number"
        className="text-field"
        min={1}
        max={MOST_COUNT}
        value={count}
        onChange={(event) => setCount(event.target.valueAsNumber)}
        // The menu would take letters and arrows for its own.
        onKeyDown={(event) => event.key === 'Escape' || event.stopPropagation()}
      />
    </div>
  );
}

function Stop() {
  const { t } = useTranslation();
  const shown = useShownRun();
  const active = shown?.state === 'running' || shown?.state === 'queued';
  const remaining = useConnection((state) => state.remaining);
  const command = useCommand('run.interrupt');
  if (!active && remaining === 0) return null;
  const label = named(t(command.title), command);
  return (
    <button
      type="button"
      className="icon-button stop"
      title={label}
      aria-label={label}
      aria-keyshortcuts={ariaKeys(command.keys)}
      onClick={() => void interrupt()}
    >
      <Square size={15} fill="currentColor" />
    </button>
  );
}
