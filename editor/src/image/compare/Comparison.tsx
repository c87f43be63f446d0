/** Two pictures held against each other: with a line between them, side by side, or by their difference. */

import {
  ArrowLeftRight,
  Columns2,
  Contrast,
  ListTree,
  type LucideIcon,
  Maximize,
  SquareSplitHorizontal,
  X,
} from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileReference } from '../../api/words';
import { type CompareState, useInterface } from '../../app/interface';
import { useDialogFocus } from '../dialogFocus';
import { keyOf } from '../pictures';
import { usePlacement } from '../usePlacement';
import { FITTED, type Placement, zoomed } from '../zoom';
import { Differences } from './Differences';
import { actualScale, halfAt, MODES, type Mode, movedLine } from './geometry';
import { Stage } from './Stage';
import '../lightbox.css';
import './comparison.css';

const STEP = 1.25;
const STRENGTHS = [1, 4, 16];
const ICONS: Readonly<Record<Mode, LucideIcon>> = {
  slider: SquareSplitHorizontal,
  side: Columns2,
  difference: Contrast,
};
/** What a key press chooses. */
const MODE_KEYS: Readonly<Record<string, Mode>> = { s: 'slider', b: 'side', d: 'difference' };

export function Comparison() {
  const comparison = useInterface((state) => state.comparison);
  if (comparison === null) return null;
  const [one, other] = [comparison.pictures[comparison.one], comparison.pictures[comparison.other]];
  return one === undefined || other === undefined ? null : (
    <Open comparison={comparison} one={one} other={other} />
  );
}

interface OpenProps {
  readonly comparison: CompareState;
  readonly one: FileReference;
  readonly other: FileReference;
}

function Open({ comparison, one, other }: OpenProps) {
  const { t } = useTranslation();
  const { compare, closeComparison } = useInterface();
  const [mode, setMode] = useState<Mode>('slider');
  const [line, setLine] = useState(0.5);
  const [strength, setStrength] = useState(1);
  const [informed, setInformed] = useState(false);
  const focus = useDialogFocus();
  const frame = useRef<HTMLDivElement>(null);
  const gestures = usePlacement(frame, `${mode === 'side'}`, mode === 'side' ? halfAt : undefined);
  const { setPlace } = gestures;
  const swap = (): void => compare(comparison.pictures, comparison.other, comparison.one);
  const actual = (): void => setPlace(() => ({ ...FITTED, scale: scaleOfActual(frame.current) }));
  const keys = { swap, actual, setMode, setPlace, inform: () => setInformed(!informed) };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    const moved = mode === 'slider' ? movedLine(event.key, line, event.shiftKey) : null;
    if (moved !== null) setLine(moved);
    else if (!pressed(event.key, keys)) return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => open || closeComparison()}>
      <Dialog.Portal>
        <Dialog.Content
          className="lightbox comparison"
          {...focus}
          onKeyDown={onKey}
          aria-describedby={undefined}
        >
          <header>
            <Dialog.Title className="ellipsis">{t('compare.title')}</Dialog.Title>
            <Pair comparison={comparison} />
            <span className="lightbox-actions">
              <Modes mode={mode} onChange={setMode} />
              {mode === 'difference' && <Strength strength={strength} onChange={setStrength} />}
              <span className="comparison-gap" />
              <Action label={t('compare.swap')} onClick={swap} icon={<ArrowLeftRight size={17} />} />
              <Action
                label={t('lightbox.fit')}
                onClick={() => setPlace(() => FITTED)}
                icon={<Maximize size={17} />}
              />
              <Action
                label={t('lightbox.actual')}
                onClick={actual}
                icon={<span aria-hidden="true">1:1</span>}
              />
              <Action
                label={t('compare.inform')}
                pressed={informed}
                onClick={keys.inform}
                icon={<ListTree size={17} />}
              />
              <Dialog.Close className="icon-button" aria-label={t('panels.close')}>
                <X size={18} />
              </Dialog.Close>
            </span>
          </header>
          <div className="lightbox-main">
            <Stage {...{ one, other, mode, line, strength, frame, gestures, actual }} onLine={setLine} />
            {informed && <Differences one={one} other={other} />}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface Keys {
  readonly swap: () => void;
  readonly actual: () => void;
  readonly inform: () => void;
  readonly setMode: (mode: Mode) => void;
  readonly setPlace: (change: (place: Placement) => Placement) => void;
}

/** Whether the key meant something. */
function pressed(key: string, { swap, actual, inform, setMode, setPlace }: Keys): boolean {
  const mode = MODE_KEYS[key];
  if (mode !== undefined) setMode(mode);
  else if (key === 'x') swap();
  else if (key === '1') actual();
  else if (key === 'i') inform();
  else if (key === '0') setPlace(() => FITTED);
  else if (key === '+' || key === '=') setPlace((place) => zoomed(place, STEP));
  else if (key === '-') setPlace((place) => zoomed(place, 1 / STEP));
  else return false;
  return true;
}

/** Which two are compared; where there are more, each can be chosen. */
function Pair({ comparison: { pictures, one, other } }: { readonly comparison: CompareState }) {
  const compare = useInterface((state) => state.compare);
  return (
    <span className="comparison-pair">
      <Side name="A" {...{ pictures, index: one }} onChoose={(index) => compare(pictures, index, other)} />
      <Side name="B" {...{ pictures, index: other }} onChoose={(index) => compare(pictures, one, index)} />
    </span>
  );
}

interface SideProps {
  readonly name: string;
  readonly pictures: readonly FileReference[];
  readonly index: number;
  readonly onChoose: (index: number) => void;
}

function Side({ name, pictures, index, onChoose }: SideProps) {
  const { t } = useTranslation();
  return (
    <span className="comparison-side">
      <strong aria-hidden>{name}</strong>
      {pictures.length === 2 ? (
        <span className="muted ellipsis" title={pictures[index]?.filename}>
          {pictures[index]?.filename}
        </span>
      ) : (
        <select
          className="text-field"
          aria-label={t('compare.choose', { name })}
          value={index}
          onChange={(event) => onChoose(Number(event.target.value))}
        >
          {pictures.map((file, at) => (
            <option key={keyOf(file)} value={at}>
              {file.filename}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}

function Modes({ mode, onChange }: { readonly mode: Mode; readonly onChange: (mode: Mode) => void }) {
  const { t } = useTranslation();
  return MODES.map((each) => {
    const Icon = ICONS[each];
    return (
      <Action
        key={each}
        label={t(`compare.mode.${each}`)}
        pressed={each === mode}
        onClick={() => onChange(each)}
        icon={<Icon size={17} />}
      />
    );
  });
}

interface StrengthProps {
  readonly strength: number;
  readonly onChange: (strength: number) => void;
}

/** How much brighter the difference is shown than it is. */
function Strength({ strength, onChange }: StrengthProps) {
  const { t } = useTranslation();
  return (
    <select
      className="text-field comparison-strength"
      aria-label={t('compare.strength')}
      title={t('compare.strength')}
      value={strength}
      onChange={(event) => onChange(Number(event.target.value))}
    >
      {STRENGTHS.map((each) => (
        <option key={each} value={each}>
          ×{each}
        </option>
      ))}
    </select>
  );
}

interface ActionProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
  readonly pressed?: boolean;
}

function Action({ label, icon, onClick, pressed: isPressed }: ActionProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
      onClick={onClick}
    >
      {icon}
    </button>
  );
}

function scaleOfActual(frame: HTMLElement | null): number {
  const image = frame?.querySelector('img') ?? null;
  if (image === null) return 1;
  return actualScale([image.naturalWidth, image.naturalHeight], [image.clientWidth, image.clientHeight]);
}
