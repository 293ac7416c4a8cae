import { useSyncExternalStore } from 'react';

/** Width from which the sidebar replaces the bars of a phone: Tailwind's `md`. */
export const WIDE = '(min-width: 48rem)';
/** Width from which the sidebar is expanded by default: Tailwind's `xl`. */
export const EXTRA_WIDE = '(min-width: 80rem)';

/** Returns whether the window matches a media query. */
export const useMedia = (query: string) =>
  useSyncExternalStore(
    (onChange) => {
      const list = matchMedia(query);
      list.addEventListener('change', onChange);
      return () => list.removeEventListener('change', onChange);
    },
    () => matchMedia(query).matches,
  );
