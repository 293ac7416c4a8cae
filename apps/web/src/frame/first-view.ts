import { useEffect } from 'react';

/** After this time, code is loaded even if the view is not shown, as when the server does not respond. */
const MOST_MS = 3_000;

const { promise: shown, resolve } = Promise.withResolvers<void>();

/** Must be called by each view that can be the first: it is shown once a person can use it. */
export function useFirstView(isShown = true): void {
  useEffect(() => {
    if (isShown) resolve();
  }, [isShown]);
}

/** Loads code that the first view does not need, once it is shown, so that the code does not delay it. */
export const loadAfterFirstView =
  <T>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    await Promise.race([shown, new Promise((late) => setTimeout(late, MOST_MS))]);
    return load();
  };
