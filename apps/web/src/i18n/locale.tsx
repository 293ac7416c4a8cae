import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { browserStorage } from '../browser-storage.ts';
import type { LoadedLocale, Locale, loadLocale, Messages } from './locales.ts';

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

const LocaleChoice = createContext<{ locale: Locale; choose(locale: Locale): void }>({
  locale: 'en',
  choose: () => {},
});
export const useLocaleChoice = () => useContext(LocaleChoice);

type Props = { initial: LoadedLocale; load: typeof loadLocale; children: ReactNode };

export function LocaleProvider({ initial, load, children }: Props) {
  const [{ locale, messages }, setLoaded] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const choice = useMemo(
    () => ({
      locale,
      choose(next: Locale) {
        browserStorage.write('locale', next);
        void load(next).then(setLoaded);
      },
    }),
    [locale, load],
  );
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <LocaleChoice value={choice}>
      <IntlProvider locale={locale} messages={messages} timeZone={timeZone}>
        {children}
      </IntlProvider>
    </LocaleChoice>
  );
}
