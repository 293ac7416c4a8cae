import { Link } from '@tanstack/react-router';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ShortcutList } from '../commands/shortcut-list.tsx';
import { Page } from '../frame/page.tsx';
import { useLocaleChoice } from '../i18n/locale.tsx';
import { type Locale, localeNames } from '../i18n/locales.ts';
import { Section } from '../ui/section.tsx';
import { Choice } from './choice.tsx';
import { Notifications } from './notifications.tsx';
import { setPreference, usePreference } from './preferences.ts';
import { Prompts } from './prompts/prompts.tsx';

/** Page with the settings of this browser. */
export function SettingsPage() {
  const t = useTranslations('settings');
  return (
    <Page title={t('title')}>
      <p className="text-soft">
        {t.rich('body', {
          account: (text) => (
            <Link to="/account" className="text-accent underline underline-offset-2">
              {text}
            </Link>
          ),
        })}
      </p>
      <Appearance />
      <Language />
      <Notifications />
      <Prompts />
      <Shortcuts />
    </Page>
  );
}

const themeIcons = { system: <Monitor />, light: <Sun />, dark: <Moon /> };

function Appearance() {
  const t = useTranslations('settings');
  return (
    <Section title={t('appearance')}>
      <Choice
        label={t('theme.label')}
        value={usePreference('theme')}
        onChoose={(theme) => setPreference('theme', theme)}
        options={(['system', 'light', 'dark'] as const).map((value) => ({
          value,
          name: t(`theme.${value}`),
          icon: themeIcons[value],
        }))}
      />
      <Choice
        label={t('text.label')}
        value={usePreference('text')}
        onChoose={(text) => setPreference('text', text)}
        options={(['small', 'normal', 'large', 'larger'] as const).map((value) => ({
          value,
          name: t(`text.${value}`),
        }))}
      />
    </Section>
  );
}

function Shortcuts() {
  const t = useTranslations('settings');
  return (
    <Section title={t('shortcuts')}>
      <Choice
        label={t('keys.label')}
        value={usePreference('keys')}
        onChoose={(keys) => setPreference('keys', keys)}
        options={(['on', 'off'] as const).map((value) => ({ value, name: t(`keys.${value}`) }))}
      />
      <ShortcutList />
    </Section>
  );
}

function Language() {
  const t = useTranslations('settings');
  const { locale, choose } = useLocaleChoice();
  return (
    <Section title={t('language')}>
      <Choice
        label={t('languageOfPage')}
        value={locale}
        onChoose={choose}
        options={(Object.keys(localeNames) as Locale[]).map((value) => ({
          value,
          name: localeNames[value],
          lang: value,
        }))}
      />
    </Section>
  );
}
