import { useTranslations } from 'use-intl';
import { useLocaleChoice } from '../../i18n/locale.tsx';
import { type Locale, localeNames } from '../../i18n/locales.ts';

export function LanguageSwitch() {
  const t = useTranslations('app');
  const { locale, choose } = useLocaleChoice();
  return (
    <fieldset aria-label={t('language')} className="flex rounded-lg border border-line p-0.5 text-xs">
      {(Object.keys(localeNames) as Locale[]).map((name) => (
        <button
          key={name}
          type="button"
          lang={name}
          aria-pressed={name === locale}
          onClick={() => choose(name)}
          className="min-h-7 rounded-md px-2.5 text-faint aria-pressed:bg-raised aria-pressed:text-ink pointer-coarse:min-h-10"
        >
          {localeNames[name]}
        </button>
      ))}
    </fieldset>
  );
}
