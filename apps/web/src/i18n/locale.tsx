import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { kept } from '../browser-storage.ts';
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

/** The same keys as the English messages, each with a text of its own. */
export type Translated<T = typeof en> = { [K in keyof T]: T[K] extends string ? string : Translated<T[K]> };

const isLocale = (value: string | null): value is Locale => value !== null && value in messages;

/** What the person chose here before, else what the browser asks for. */
function initialLocale(): Locale {
  const chosen = kept.read('locale');
  if (isLocale(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLocale) ?? 'en';
}

const Choice = createContext<{ locale: Locale; choose(locale: Locale): void }>({ locale: 'en', choose: () => {} });
export const useLocaleChoice = () => useContext(Choice);

export function LocaleProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(initialLocale);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const choice = useMemo(
    () => ({
      locale,
      choose(next: Locale) {
        kept.write('locale', next);
        setLocale(next);
      },
    }),
    [locale],
  );
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Choice value={choice}>
      <IntlProvider locale={locale} messages={messages[locale] as typeof en} timeZone={timeZone}>
        {children}
      </IntlProvider>
    </Choice>
  );
}
