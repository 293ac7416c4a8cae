import { type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import {
  createPendingApprovalsStore,
  type PendingApprovalsSource,
  type PendingApprovalsState,
  type PendingApprovalsStore,
} from '../pending-approvals-store.ts';
import { createScope } from './create-scope.tsx';

const [Scope, useScope] = createScope<PendingApprovalsStore>('PendingApprovalsScope');

type Props = { source: PendingApprovalsSource; children: ReactNode };

/** Provides the pending approvals to its children. Its `key` must identify the user and the tenant. */
export function PendingApprovalsScope({ source, children }: Props) {
  const [store] = useState(() => createPendingApprovalsStore(source));
  useEffect(() => store.open(), [store]);
  return <Scope value={store}>{children}</Scope>;
}

/** Returns the store of the nearest `PendingApprovalsScope`. Throws without one. */
export const usePendingApprovalsStore = useScope;

/** Returns a part of the store's state. `select` must return the same reference while its part has not changed. */
export const usePendingApprovals = <T,>(select: (state: PendingApprovalsState) => T): T =>
  useStore(usePendingApprovalsStore(), select);
