import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import {
  createPendingApprovalsStore,
  type PendingApprovalsSource,
  type PendingApprovalsState,
  type PendingApprovalsStore,
} from '../pending-approvals-store.ts';

const Scope = createContext<PendingApprovalsStore | null>(null);

type Props = { source: PendingApprovalsSource; children: ReactNode };

/** What waits everywhere, for what stands below. Give it a `key` that names who asks: somebody else sees something else. */
export function PendingApprovalsScope({ source, children }: Props) {
  const [store] = useState(() => createPendingApprovalsStore(source));
  useEffect(() => store.open(), [store]);
  return <Scope value={store}>{children}</Scope>;
}

export function useWaitingStore() {
  const store = useContext(Scope);
  if (!store) throw new Error('What waits needs a PendingApprovalsScope above it');
  return store;
}

/** A part of what waits. `select` must return the same reference while nothing has changed. */
export const useWaiting = <T,>(select: (state: PendingApprovalsState) => T): T => useStore(useWaitingStore(), select);
