import type { Assistant, Instance } from '@it0/client/chat-source';
import { createScope } from '@it0/client/react/create-scope';
import { usePermission } from '../sign-in/use-me.ts';

/** Agent of a chat. `instance` is null for iAgent. */
export type Agent = Pick<Instance, 'status' | 'scripted' | 'modelName'> & { name: string; instance: Instance | null };

export const toInstanceAgent = (instance: Instance): Agent => ({ ...instance, instance });
export const toAssistantAgent = (assistant: Assistant): Agent => ({ ...assistant, name: 'iAgent', instance: null });

export const [AgentScope, useAgent] = createScope<Agent>('AgentScope');

/** Returns whether the user may start sessions with the agent of this chat. */
export const useCanAsk = () => usePermission(useAgent().instance ? 'instance:use' : 'assistant:use');

/** Returns whether the user may stop tasks in this chat. Tasks of iAgent are always the user's own. */
export function useCanStop() {
  const { instance } = useAgent();
  return usePermission('session:stop') || instance === null;
}
