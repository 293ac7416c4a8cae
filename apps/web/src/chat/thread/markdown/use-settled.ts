import { useEffect, useState } from 'react';

/** Time without a change after which a text counts as complete, so that work is not repeated while it arrives. */
const SETTLED_MS = 250;

/** Returns the text once it has not changed for a moment; null before. */
export function useSettled(text: string): string | null {
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled === text ? text : null;
}
