import { useEffect, useState } from 'react';
import { serverNow } from '../../trpc.ts';

/** Returns the server's time in milliseconds, updated every `every` ms; with null it is not updated. */
export function useNow(every: number | null) {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (every === null) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
