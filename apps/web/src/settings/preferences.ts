import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { browserStorage } from '../browser-storage.ts';

/** Preferences of this browser with their options, of which the first is the default. */
export const preferenceOptions = {
  theme: ['system', 'light', 'dark'],
  text: ['normal', 'small', 'large', 'larger'],
  /** Keyboard shortcuts without Ctrl or ⌘. */
  keys: ['on', 'off'],
  /** Desktop notifications about pending approvals. */
  notifications: ['off', 'on'],
} as const;

export type PreferenceName = keyof typeof preferenceOptions;
export type Preferences = { [K in PreferenceName]: (typeof preferenceOptions)[K][number] };

const names = Object.keys(preferenceOptions) as PreferenceName[];

/** Returns the stored preferences. Unknown values, for example of a later version, count as the default. */
export const readPreferences = (read: (key: string) => string | null): Preferences =>
  Object.fromEntries(
    names.map((name) => {
      const options: readonly string[] = preferenceOptions[name];
      return [name, options.find((option) => option === read(name)) ?? options[0]];
    }),
  ) as Preferences;

const store = createStore<Preferences>(() => readPreferences(browserStorage.read));

/** Changes a preference, also in the other open windows of this browser. */
export function setPreference<K extends PreferenceName>(name: K, value: Preferences[K]) {
  browserStorage.write(name, value === preferenceOptions[name][0] ? '' : value);
  store.setState({ [name]: value });
}

export const getPreference = <K extends PreferenceName>(name: K): Preferences[K] => store.getState()[name];
export const usePreference = <K extends PreferenceName>(name: K): Preferences[K] => useStore(store, (all) => all[name]);

/** Applies the theme and the text size whenever they change. The script `first-paint.js` did it before. */
export function applyAppearance() {
  const apply = ({ theme, text }: Preferences) => {
    Object.assign(document.documentElement.dataset, { theme, text });
    // The color of the browser's own bars.
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
      const own = meta.dataset.scheme === 'dark' ? 'dark' : 'light';
      meta.media = theme === 'system' ? `(prefers-color-scheme: ${own})` : theme === own ? 'all' : 'not all';
    }
  };
  apply(store.getState());
  store.subscribe(apply);
  window.addEventListener('storage', () => store.setState(readPreferences(browserStorage.read)));
}
