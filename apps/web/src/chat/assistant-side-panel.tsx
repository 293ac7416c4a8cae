import { AssistantChat } from './assistant-chat.tsx';
import { useSidePanelLocation } from './chat-location.ts';

/** Chat with iAgent in a side panel of an instance's chat. */
export const AssistantSidePanel = ({ instanceId, iagent }: { instanceId: string; iagent: string }) => (
  <AssistantChat location={useSidePanelLocation(instanceId, iagent)} />
);
