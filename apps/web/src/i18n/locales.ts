import { browserStorage } from '../browser-storage.ts';
import type en from './en.ts';

export type Locale = 'en' | 'zh';
export type Messages = typeof en;
/** A language with its messages. */
export type LoadedLocale = { locale: Locale; messages: Messages };

export const localeNames: Record<Locale, string> = { en: 'English', zh: '中文' };

const isLocale = (value: string | null): value is Locale => value !== null && Object.hasOwn(localeNames, value);

/** Returns the locale chosen before in this browser, else the browser's preferred one. */
export function findInitialLocale(): Locale {
  const stored = browserStorage.read('locale');
  if (isLocale(stored)) return stored;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLocale) ?? 'en';
}

/** Loads the messages of the sign-in page in one language. */
export async function loadGuestLocale(locale: Locale): Promise<LoadedLocale> {
  const module = locale === 'zh' ? await import('./guest-zh.ts') : await import('./guest-en.ts');
  return { locale, messages: module.default as Messages };
}

/** Loads the messages of one language. A page loads only the one that it shows. */
export async function loadLocale(locale: Locale): Promise<LoadedLocale> {
  const module = locale === 'zh' ? await import('./zh.ts') : await import('./en.ts');
  return { locale, messages: module.default as Messages };
}
