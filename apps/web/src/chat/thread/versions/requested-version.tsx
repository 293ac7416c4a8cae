import { createScope } from '@it0/client/react/create-scope';
import { type ReactNode, type RefObject, useRef } from 'react';

/** The version that was requested by a button, until its row is there and has the focus. */
type RequestedVersion = { taskId: string; step: 1 | -1 } | null;

const [Scope, useScope] = createScope<RefObject<RequestedVersion>>('RequestedVersionScope');

export const useRequestedVersion = useScope;

/** Remembers the requested version, whose row replaces the one with the button. */
export function RequestedVersionScope({ children }: { children: ReactNode }) {
  return <Scope value={useRef<RequestedVersion>(null)}>{children}</Scope>;
}
