import { AssistantChat } from './assistant-chat.tsx';
import { useSidePanelLocation } from './chat-location.ts';

/** The chat with iAgent, beside the one with an instance. */
export const AssistantBeside = ({ instanceId, iagent }: { instanceId: string; iagent: string }) => (
  <AssistantChat place={useSidePanelLocation(instanceId, iagent)} />
);
