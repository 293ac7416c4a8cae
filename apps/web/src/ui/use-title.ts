import { useEffect } from 'react';

/** The window's title while this is shown. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · IT0`;
    return () => {
      document.title = 'IT0';
    };
  }, [title]);
}
