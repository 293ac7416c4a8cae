import { iAgentSource } from '@it0/client/chat-source';
import { useState } from 'react';
import { useAssistant } from '../agents/use-assistant.ts';
import { client } from '../trpc.ts';
import { assistantAgent } from './agent.tsx';
import type { ChatLocation } from './chat-location.ts';
import { ChatPage } from './chat-page.tsx';
import { upload } from './composer/upload.ts';
import { assistantKey } from './sessions/recent-sessions.ts';

/** The chat with iAgent. */
export function AssistantChat({ place }: { place: ChatLocation }) {
  const [source] = useState(() => iAgentSource(client, upload));
  const { data, error } = useAssistant();
  return <ChatPage {...{ source, agentKey: assistantKey, agent: data && assistantAgent(data), error, place }} />;
}
