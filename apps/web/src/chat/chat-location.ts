import { isId } from '@it0/contracts/is-id';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

/** Location of a chat on the page: its session is part of the address. */
export type ChatLocation = {
  session: string | undefined;
  /** Message or task at which the session is opened. */
  message?: string;
  /** Pending approval that is shown when the session is open. */
  approval?: string;
  /** Updates the session in the address. */
  setSession(session: string | null): void;
  close(): void;
  /** The chat is in the side panel of another chat, which sets the window title. */
  isSidePanel?: boolean;
};

/** Search parameters of a chat: the session that is open, and the message, task or pending approval at which it was opened. */
export type ChatSearch = { session?: string; message?: string; approval?: string };

/** Search parameters of an instance's chat, with the session of iAgent in the side panel, or `new`. */
export type InstanceSearch = ChatSearch & { iagent?: string };

/** Parses the search parameters of a chat. Invalid ones are ignored. */
export const parseChatSearch = (search: Record<string, unknown>): ChatSearch => ({
  session: parseId(search.session),
  message: parseId(search.message),
  approval: parseId(search.approval),
});

const parseId = (value: unknown) => (isId(value) ? value : undefined);

/** Returns the location of iAgent's chat on a page of its own. */
export function useAssistantLocation(search: ChatSearch): ChatLocation {
  const navigate = useNavigate();
  const [actions] = useState(() => ({
    setSession: (session: string | null) =>
      void navigate({ to: '/assistant', search: { session: session ?? undefined }, replace: true }),
    close: () => void navigate({ to: '/' }),
  }));
  return { ...search, session: search.session, ...actions };
}

/** Returns the location of an instance's chat. */
export function useInstanceLocation(instanceId: string, search: ChatSearch): ChatLocation {
  const navigate = useNavigate();
  const [actions] = useState(() => ({
    setSession(session: string | null) {
      const next = ({ iagent }: InstanceSearch) => ({ session: session ?? undefined, iagent });
      void navigate({ to: '/agents/$instanceId', params: { instanceId }, search: next, replace: true });
    },
    close: () => void navigate({ to: '/' }),
  }));
  return { ...search, session: search.session, ...actions };
}

const NEW_SESSION = 'new';

/** Parses the search parameter of the side panel. Returns undefined if it is missing or invalid. */
export const parseSidePanel = (value: unknown) => (value === NEW_SESSION ? NEW_SESSION : parseId(value));

/** Returns the location of iAgent's chat in the side panel. */
export function useSidePanelLocation(instanceId: string, iagent: string): ChatLocation {
  const show = useSidePanel(instanceId);
  const [actions] = useState(() => ({
    setSession: (session: string | null) => show(session ?? NEW_SESSION),
    close: () => show(null),
  }));
  return { session: iagent === NEW_SESSION ? undefined : iagent, isSidePanel: true, ...actions };
}

/** Returns a function that opens the side panel, by default with a new session of iAgent. Null closes it. */
export function useSidePanel(instanceId: string) {
  const navigate = useNavigate();
  const [show] = useState(() => (iagentSession: string | null = NEW_SESSION) => {
    const search = (before: ChatSearch) => ({ ...before, iagent: iagentSession ?? undefined });
    void navigate({ to: '/agents/$instanceId', params: { instanceId }, search, replace: true });
  });
  return show;
}
