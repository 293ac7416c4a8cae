import { type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ChatSource } from '../chat-source.ts';
import { type ChatOptions, type ChatState, type ChatStore, createChatStore } from '../chat-store.ts';
import { createScope } from './create-scope.tsx';

const [Scope, useScope] = createScope<{ chat: ChatStore; source: ChatSource }>('ChatScope');

type Props = { source: ChatSource; options?: ChatOptions; children: ReactNode };

/** Provides a separate chat to its children. Its `key` must identify the source, since a new source needs a new chat. */
export function ChatScope({ source, options, children }: Props) {
  const [scope] = useState(() => ({ chat: createChatStore(source, options), source }));
  useEffect(() => () => scope.chat.close(), [scope]);
  return <Scope value={scope}>{children}</Scope>;
}

/** Returns the store and the source of the nearest `ChatScope`. Throws without one. */
export const useChatScope = useScope;

/** Returns a part of the chat's state. `select` must return the same reference while its part has not changed. */
export const useChat = <T,>(select: (state: ChatState) => T): T => useStore(useChatScope().chat, select);
