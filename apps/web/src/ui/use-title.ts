import { useEffect } from 'react';

/** The window's title while this is shown; null: somebody else's. */
export function useTitle(title: string | null) {
  useEffect(() => {
    if (title === null) return;
    document.title = `${title} · IT0`;
    return () => {
      document.title = 'IT0';
    };
  }, [title]);
}
