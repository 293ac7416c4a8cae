import { createInstanceSource } from '@it0/client/chat-source';
import { useState } from 'react';
import { useInstances } from '../agents/use-instances.ts';
import { client } from '../trpc.ts';
import { toInstanceAgent } from './agent.tsx';
import { type ChatSearch, useInstanceLocation } from './chat-location.ts';
import { ChatPage } from './chat-page.tsx';
import { upload } from './composer/upload.ts';

/** Chat with one instance. */
export function InstanceChat({ instanceId, search }: { instanceId: string; search: ChatSearch }) {
  const [source] = useState(() => createInstanceSource(client, upload, instanceId));
  const location = useInstanceLocation(instanceId, search);
  const { data, error } = useInstances();
  const instance = data?.find(({ id }) => id === instanceId);
  const agent = instance ? toInstanceAgent(instance) : data && null;
  return <ChatPage {...{ source, agentKey: instanceId, agent, agentName: instance?.name, error, location }} />;
}
