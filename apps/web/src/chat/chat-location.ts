import { Id } from '@it0/contracts/ids';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

/** Where on the page a chat stands: its address remembers the session, and what closes it. */
export type ChatLocation = {
  session: string | undefined;
  keep(session: string | null): void;
  close(): void;
  /** Another chat stands to its left, and has the window's title and its Escape. */
  isSidePanel?: boolean;
};

export function useAssistantPlace(session: string | undefined): ChatLocation {
  const navigate = useNavigate();
  const [way] = useState(() => ({
    keep: (session: string | null) =>
      void navigate({ to: '/assistant', search: { session: session ?? undefined }, replace: true }),
    close: () => void navigate({ to: '/' }),
  }));
  return { session, ...way };
}

export function useInstancePlace(instanceId: string, session: string | undefined): ChatLocation {
  const navigate = useNavigate();
  const [way] = useState(() => ({
    keep(session: string | null) {
      const search = ({ iagent }: Beside) => ({ session: session ?? undefined, iagent });
      void navigate({ to: '/agents/$instanceId', params: { instanceId }, search, replace: true });
    },
    close: () => void navigate({ to: '/' }),
  }));
  return { session, ...way };
}

/** In the address of an instance's chat: iAgent's session beside it, or this while it has none. */
type Beside = { iagent?: string };
const noSession = 'new';
export const besideOf = (value: unknown) => (value === noSession ? noSession : Id.safeParse(value).data);

/** iAgent's, beside the chat with an instance. */
export function useSidePanelLocation(instanceId: string, iagent: string): ChatLocation {
  const show = useBeside(instanceId);
  const [way] = useState(() => ({
    keep: (session: string | null) => show(session ?? noSession),
    close: () => show(null),
  }));
  return { session: iagent === noSession ? undefined : iagent, isSidePanel: true, ...way };
}

/** Shows iAgent beside the chat with an instance; null: no more. */
export function useBeside(instanceId: string) {
  const navigate = useNavigate();
  const [show] = useState(() => (beside: string | null = noSession) => {
    const search = ({ session }: { session?: string }) => ({ session, iagent: beside ?? undefined });
    void navigate({ to: '/agents/$instanceId', params: { instanceId }, search, replace: true });
  });
  return show;
}
