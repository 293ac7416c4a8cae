import { AssistantChat, AssistantSidePanel } from './assistant-chat.tsx';
import { type ChatSearch, type InstanceSearch, useAssistantLocation } from './chat-location.ts';
import { InstanceChat } from './instance-chat.tsx';

/** Page of the chat with iAgent. */
export const AssistantRoute = ({ search }: { search: ChatSearch }) => (
  <AssistantChat location={useAssistantLocation(search)} />
);

type InstanceProps = { instanceId: string; search: InstanceSearch };

/** Page of the chat with an instance, with iAgent in the side panel if it is open. */
export const InstanceRoute = ({ instanceId, search: { iagent, ...search } }: InstanceProps) => (
  <>
    <InstanceChat key={instanceId} {...{ instanceId, search }} />
    {iagent && <AssistantSidePanel key={`${instanceId}-beside`} {...{ instanceId, iagent }} />}
  </>
);
