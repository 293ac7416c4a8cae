import { useEffect } from 'react';

/** Sets the title of the window while the component is mounted. Null leaves it unchanged. */
export function useTitle(title: string | null) {
  useEffect(() => {
    if (title === null) return;
    document.title = `${title} · IT0`;
    return () => {
      document.title = 'IT0';
    };
  }, [title]);
}
