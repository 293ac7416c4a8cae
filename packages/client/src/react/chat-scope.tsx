import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ChatSource } from '../chat-source.ts';
import { type ChatOptions, type ChatState, type ChatStore, createChatStore } from '../chat-store.ts';

const Scope = createContext<{ chat: ChatStore; source: ChatSource } | null>(null);

type Props = { source: ChatSource; options?: ChatOptions; children: ReactNode };

/** A chat of its own for what stands below. Give it a `key` that names the source: another source is another chat. */
export function ChatScope({ source, options, children }: Props) {
  const [scope] = useState(() => ({ chat: createChatStore(source, options), source }));
  useEffect(() => () => scope.chat.close(), [scope]);
  return <Scope value={scope}>{children}</Scope>;
}

export function useChatScope() {
  const scope = useContext(Scope);
  if (!scope) throw new Error('A chat needs a ChatScope above it');
  return scope;
}

/** A part of the chat's state. `select` must return the same reference while nothing has changed. */
export const useChat = <T,>(select: (state: ChatState) => T): T => useStore(useChatScope().chat, select);
