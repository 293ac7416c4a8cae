import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import {
  createWaitingStore,
  type WaitingSource,
  type WaitingState,
  type WaitingStore,
} from '../pending-approvals-store.ts';

const Scope = createContext<WaitingStore | null>(null);

type Props = { source: WaitingSource; children: ReactNode };

/** What waits everywhere, for what stands below. Give it a `key` that names who asks: somebody else sees something else. */
export function WaitingScope({ source, children }: Props) {
  const [store] = useState(() => createWaitingStore(source));
  useEffect(() => store.open(), [store]);
  return <Scope value={store}>{children}</Scope>;
}

export function useWaitingStore() {
  const store = useContext(Scope);
  if (!store) throw new Error('What waits needs a WaitingScope above it');
  return store;
}

/** A part of what waits. `select` must return the same reference while nothing has changed. */
export const useWaiting = <T,>(select: (state: WaitingState) => T): T => useStore(useWaitingStore(), select);
