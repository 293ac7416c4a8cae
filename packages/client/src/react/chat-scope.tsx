import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ChatSource } from '../chat-source.ts';
import { type ChatOptions, type ChatState, type ChatStore, createChatStore } from '../chat-store.ts';

const Scope = createContext<{ chat: ChatStore; source: ChatSource } | null>(null);

type Props = { source: ChatSource; options?: ChatOptions; children: ReactNode };

/** Provides a separate chat to its children. Its `key` must identify the source, since a new source needs a new chat. */
export function ChatScope({ source, options, children }: Props) {
  const [scope] = useState(() => ({ chat: createChatStore(source, options), source }));
  useEffect(() => () => scope.chat.close(), [scope]);
  return <Scope value={scope}>{children}</Scope>;
}

/** Returns the store and the source of the nearest `ChatScope`. Throws without one. */
export function useChatScope() {
  const scope = useContext(Scope);
  if (!scope) throw new Error('useChatScope must be used inside a ChatScope');
  return scope;
}

/** Returns a part of the chat's state. `select` must return the same reference while its part has not changed. */
export const useChat = <T,>(select: (state: ChatState) => T): T => useStore(useChatScope().chat, select);
