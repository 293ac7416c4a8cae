import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { browserStorage } from '../browser-storage.ts';
import en from './en.ts';
import zh from './zh.ts';

const messages = { en, zh };
export type Locale = keyof typeof messages;
export const localeNames: Record<Locale, string> = { en: 'English', zh: '中文' };

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof en;
  }
}

const isLocale = (value: string | null): value is Locale => value !== null && value in messages;

/** Returns the locale chosen before in this browser, else the browser's preferred one. */
function findInitialLocale(): Locale {
  const stored = browserStorage.read('locale');
  if (isLocale(stored)) return stored;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLocale) ?? 'en';
}

const LocaleChoice = createContext<{ locale: Locale; choose(locale: Locale): void }>({
  locale: 'en',
  choose: () => {},
});
export const useLocaleChoice = () => useContext(LocaleChoice);

export function LocaleProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(findInitialLocale);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const choice = useMemo(
    () => ({
      locale,
      choose(next: Locale) {
        browserStorage.write('locale', next);
        setLocale(next);
      },
    }),
    [locale],
  );
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <LocaleChoice value={choice}>
      <IntlProvider locale={locale} messages={messages[locale] as typeof en} timeZone={timeZone}>
        {children}
      </IntlProvider>
    </LocaleChoice>
  );
}
