import { AssistantChat } from './assistant-chat.tsx';
import { useBesidePlace } from './chat-location.ts';

/** The chat with iAgent, beside the one with an instance. */
export const AssistantBeside = ({ instanceId, iagent }: { instanceId: string; iagent: string }) => (
  <AssistantChat place={useBesidePlace(instanceId, iagent)} />
);
