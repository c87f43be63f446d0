/** The tools beside the picture: brush, eraser and hand, sizes, how the mask looks, and what is done with all of it. */

import { Brush, Contrast, Eraser, Hand, PaintBucket, SquareX } from 'lucide-react';
import { type ComponentType, type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { partAt, sizeAt } from './brush';
import { COLOURS, type Tool, type Tools } from './tools';

const TOOLS: readonly (readonly [
  tool: Tool,
  key: string,
  letter: string,
  Icon: ComponentType<{ size: number }>,
])[] = [
  ['brush', 'mask.brush', 'B', Brush],
  ['eraser', 'mask.eraser', 'E', Eraser],
  ['hand', 'mask.hand', 'H', Hand],
];
const SLIDER_STEPS = 1000;

interface ToolPanelProps {
  readonly tools: Tools;
  readonly largest: number;
  readonly onChange: (change: Partial<Tools>) => void;
  readonly onInvert: () => void;
  readonly onClear: () => void;
  readonly onFill: () => void;
  /** What is said below all. */
  readonly children: ReactNode;
}

export function ToolPanel({ tools, largest, onChange, onInvert, onClear, onFill, children }: ToolPanelProps) {
  const { t } = useTranslation();
  return (
    <aside className="mask-tools" aria-label={t('mask.tools')}>
      <fieldset className="mask-choice">
        <legend className="visually-hidden">{t('mask.tool')}</legend>
        {TOOLS.map(([tool, key, letter, Icon]) => (
          <button
            key={tool}
            type="button"
            className="button"
            aria-pressed={tools.tool === tool}
            title={`${t(key)} (${letter})`}
            onClick={() => onChange({ tool })}
          >
            <Icon size={16} aria-hidden />
            <span>{t(key)}</span>
          </button>
        ))}
      </fieldset>
      <Slider
        label={t('mask.size')}
        hint="[  ]"
        value={Math.round(SLIDER_STEPS * partAt(tools.size, largest))}
        most={SLIDER_STEPS}
        text={t('mask.pixels', { count: tools.size })}
        onChange={(value) => onChange({ size: sizeAt(value / SLIDER_STEPS, largest) })}
      />
      <Percent
        label={t('mask.hardness')}
        value={tools.hardness}
        onChange={(hardness) => onChange({ hardness })}
      />
      <Percent
        label={t('mask.opacity')}
        value={tools.opacity}
        onChange={(opacity) => onChange({ opacity })}
      />
      <Colours tools={tools} onChange={onChange} />
      <label className="mask-check">
        <input
          type="checkbox"
          checked={tools.pressure}
          onChange={(event) => onChange({ pressure: event.currentTarget.checked })}
        />
        <span>{t('mask.pressure')}</span>
      </label>
      <div className="mask-actions">
        <button type="button" className="button" title={`${t('mask.invert')} (I)`} onClick={onInvert}>
          <Contrast size={15} aria-hidden />
          {t('mask.invert')}
        </button>
        <button type="button" className="button" onClick={onFill}>
          <PaintBucket size={15} aria-hidden />
          {t('mask.fill')}
        </button>
        <button type="button" className="button" onClick={onClear}>
          <SquareX size={15} aria-hidden />
          {t('mask.clear')}
        </button>
      </div>
      {children}
    </aside>
  );
}

function Colours({ tools, onChange }: Pick<ToolPanelProps, 'tools' | 'onChange'>) {
  const { t } = useTranslation();
  return (
    <fieldset className="mask-colours">
      <legend className="field-label">{t('mask.colour')}</legend>
      {COLOURS.map(([name, colour]) => (
        <button
          key={name}
          type="button"
          className="mask-colour"
          aria-label={t(name)}
          title={t(name)}
          aria-pressed={tools.colour === colour}
          onClick={() => onChange({ colour })}
        >
          <span style={{ background: `rgb(${colour.join(' ')})` }} />
        </button>
      ))}
    </fieldset>
  );
}

interface PercentProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function Percent({ label, value, onChange }: PercentProps) {
  const { i18n } = useTranslation();
  const text = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(value);
  return (
    <Slider
      label={label}
      value={Math.round(value * 100)}
      most={100}
      text={text}
      onChange={(next) => onChange(next / 100)}
    />
  );
}

interface SliderProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly most: number;
  /** What the value is called. */
  readonly text: string;
  readonly onChange: (value: number) => void;
}

function Slider({ label, hint, value, most, text, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="mask-slider">
      <label htmlFor={id}>
        {label}
        {hint !== undefined && <kbd className="key">{hint}</kbd>}
      </label>
      <output htmlFor={id}>{text}</output>
      <input
        id={id}
        type="range"
        min={0}
        max={most}
        value={value}
        aria-valuetext={text}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      />
    </div>
  );
}
