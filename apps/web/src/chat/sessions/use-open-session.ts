import { useChatScope } from '@it0/client/react/chat-scope';
import { useEffect, useRef, useState } from 'react';
import type { ChatLocation } from '../chat-location.ts';

/**
 * Opens the session of the address, at its message, or else the initial one. Keeps the address in sync with the open
 * session, and follows an address that another part of the page has set.
 */
export function useOpenSession({ session, message, setSession }: ChatLocation, initial: string | null) {
  const { chat } = useChatScope();
  /** Sessions that this chat has set in the address, until the address has the latest of them. */
  const own = useRef(new Set<string | undefined>());
  useEffect(
    () =>
      chat.subscribe((now, before) => {
        const hasLeftMessage = before.anchor !== null && now.anchor === null;
        if (now.sessionId === before.sessionId && !hasLeftMessage) return;
        own.current.add(now.sessionId ?? undefined);
        setSession(now.sessionId);
      }),
    [chat, setSession],
  );
  const [isInAddress] = useState(session !== undefined);
  useEffect(() => {
    if (isInAddress) return;
    if (initial) chat.open(initial);
    else chat.startNew();
  }, [chat, initial, isInAddress]);
  useEffect(() => {
    if (!own.current.has(session) || message) {
      if (session) chat.open(session, { message });
    } else if (session === (chat.getState().sessionId ?? undefined)) own.current.clear();
  }, [chat, session, message]);
}
