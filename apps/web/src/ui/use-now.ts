import { useEffect, useState } from 'react';
import { serverNow } from '../trpc.ts';

/** The server's time in milliseconds, told again every `every`; with null it stands still. */
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
