import { useEffect, useState } from 'react';

/** The time in milliseconds, told again every `every`; with null it stands still. */
export function useNow(every: number | null) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (every === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
