import { useState } from 'react';

/** Returns whether something is or was open. What is opened rarely is not loaded before. */
export function useWasOpen(open: boolean) {
  const [wasOpen, setWasOpen] = useState(open);
  if (open && !wasOpen) setWasOpen(true);
  return wasOpen;
}
