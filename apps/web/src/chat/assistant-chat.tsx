import { createAssistantSource } from '@it0/client/chat-source';
import { useState } from 'react';
import { useAssistant } from '../agents/use-assistant.ts';
import { client } from '../trpc.ts';
import { toAssistantAgent } from './agent.tsx';
import { type ChatLocation, useSidePanelLocation } from './chat-location.ts';
import { ChatPage } from './chat-page.tsx';
import { upload } from './composer/upload.ts';
import { assistantKey } from './sessions/recent-sessions.ts';

/** Chat with iAgent. */
export function AssistantChat({ location }: { location: ChatLocation }) {
  const [source] = useState(() => createAssistantSource(client, upload));
  const { data, error } = useAssistant();
  return <ChatPage {...{ source, agentKey: assistantKey, agent: data && toAssistantAgent(data), error, location }} />;
}

/** Chat with iAgent in a side panel of an instance's chat. */
export const AssistantSidePanel = ({ instanceId, iagent }: { instanceId: string; iagent: string }) => (
  <AssistantChat location={useSidePanelLocation(instanceId, iagent)} />
);
