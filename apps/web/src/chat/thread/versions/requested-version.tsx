import { createContext, type ReactNode, type RefObject, useContext, useRef } from 'react';

/** The version that was requested by a button, until its row is there and has the focus. */
type RequestedVersion = { taskId: string; step: 1 | -1 } | null;

const Context = createContext<RefObject<RequestedVersion> | null>(null);

/** Remembers the requested version, whose row replaces the one with the button. */
export function RequestedVersionScope({ children }: { children: ReactNode }) {
  return <Context value={useRef<RequestedVersion>(null)}>{children}</Context>;
}

export function useRequestedVersion(): RefObject<RequestedVersion> {
  const requested = useContext(Context);
  if (!requested) throw new Error('useRequestedVersion needs a RequestedVersionScope');
  return requested;
}
