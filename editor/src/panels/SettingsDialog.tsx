/** How this browser shows the editor. */

import { useTranslation } from 'react-i18next';
import { useInterface } from '../app/interface';
import { LOCALES, type Locale } from '../i18n';
import { type Theme, useSettings, WEIGHT_STEPS } from '../state/settings';
import { Dialog } from './Dialog';
import './settings.css';

const THEMES: readonly Theme[] = ['system', 'dark', 'light'];
const SWITCHES = ['snap', 'previews', 'completion'] as const;

export function SettingsDialog() {
  const { t } = useTranslation();
  const show = useInterface((state) => state.show);
  const settings = useSettings();
  return (
    <Dialog title={t('settings.title')} onClose={() => show(null)} width={440}>
      <div className="dialog-body settings">
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
      </div>
    </Dialog>
  );
}
