/** Theme, language and what is shown on the canvas; and all settings as a file. */

import { Download, Upload } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { LOCALES, type Locale } from '../i18n';
import { SEED_TIMES, type Theme, useSettings, WEIGHT_STEPS } from '../state/settings';
import { exportSettings, importSettings } from './settingsFile';

const THEMES: readonly Theme[] = ['system', 'dark', 'light'];
const SWITCHES = ['snap', 'previews', 'completion'] as const;

export function GeneralSettings() {
  const { t } = useTranslation();
  const settings = useSettings();
  return (
    <>
      <fieldset>
        <legend className="field-label">{t('settings.theme')}</legend>
        <div className="segments">
          {THEMES.map((theme) => (
            <label key={theme}>
              <input
                type="radio"
                name="theme"
                checked={settings.theme === theme}
                onChange={() => settings.set({ theme })}
              />
              <span>{t(`settings.theme.${theme}`)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="field-row">
        <label htmlFor="settings-locale">{t('settings.locale')}</label>
        <select
          id="settings-locale"
          className="text-field"
          value={settings.locale}
          onChange={(event) => settings.set({ locale: event.target.value as Locale })}
        >
          {LOCALES.map((locale) => (
            <option key={locale.id} value={locale.id}>
              {locale.name}
            </option>
          ))}
        </select>
      </div>
      {SWITCHES.map((name) => (
        <label key={name} className="switch">
          <input
            type="checkbox"
            role="switch"
            aria-checked={settings[name]}
            checked={settings[name]}
            onChange={(event) => settings.set({ [name]: event.target.checked })}
          />
          <span>
            {t(`settings.${name}`)}
            <small className="muted">{t(`settings.${name}.hint`)}</small>
          </span>
        </label>
      ))}
      <SeedTimes />
      <WeightStep />
      <AsFile />
    </>
  );
}

/** When the control of a seed changes it. */
function SeedTimes() {
  const { t } = useTranslation();
  const settings = useSettings();
  return (
    <fieldset>
      <legend className="field-label">{t('settings.seeds')}</legend>
      <div className="segments">
        {SEED_TIMES.map((time) => (
          <label key={time}>
            <input
              type="radio"
              name="seeds"
              checked={settings.seeds === time}
              onChange={() => settings.set({ seeds: time })}
            />
            <span>{t(`settings.seeds.${time}`)}</span>
          </label>
        ))}
      </div>
      <p className="settings-hint muted">{t(`settings.seeds.${settings.seeds}.hint`)}</p>
    </fieldset>
  );
}

/** By how much Ctrl+Up makes a word of a prompt weigh more. */
function WeightStep() {
  const { t } = useTranslation();
  const settings = useSettings();
  return (
    <div className="field-row">
      <label htmlFor="settings-weight-step">{t('settings.weightStep')}</label>
      <select
        id="settings-weight-step"
        className="text-field"
        value={settings.weightStep}
        onChange={(event) =>
          settings.set({
            weightStep: WEIGHT_STEPS.find((step) => String(step) === event.target.value) ?? 0.05,
          })
        }
      >
        {WEIGHT_STEPS.map((step) => (
          <option key={step} value={step}>
            {step}
          </option>
        ))}
      </select>
    </div>
  );
}

function AsFile() {
  const { t } = useTranslation();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <fieldset className="settings-file">
      <legend className="field-label">{t('settings.file')}</legend>
      <button type="button" className="button" onClick={exportSettings}>
        <Download size={14} aria-hidden /> {t('settings.export')}
      </button>
      <button type="button" className="button" onClick={() => chooser.current?.click()}>
        <Upload size={14} aria-hidden /> {t('settings.import')}
      </button>
      <input
        ref={chooser}
        type="file"
        accept="application/json,.json"
        className="visually-hidden"
        aria-label={t('settings.import')}
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file !== undefined) void importSettings(file);
        }}
      />
      <p className="muted">{t('settings.file.hint')}</p>
    </fieldset>
  );
}
