import type { Assistant, Instance } from '@it0/client/chat-source';
import { createContext, useContext } from 'react';
import { usePermission } from '../sign-in/use-me.ts';

/** Agent of a chat. `instance` is null for iAgent. */
export type Agent = Pick<Instance, 'status' | 'scripted' | 'modelName'> & { name: string; instance: Instance | null };

export const toInstanceAgent = (instance: Instance): Agent => ({ ...instance, instance });
export const toAssistantAgent = (assistant: Assistant): Agent => ({ ...assistant, name: 'iAgent', instance: null });

const Scope = createContext<Agent | null>(null);
export const AgentScope = Scope.Provider;

export function useAgent() {
  const agent = useContext(Scope);
  if (!agent) throw new Error('useAgent must be used inside an AgentScope');
  return agent;
}

/** Returns whether the user may start sessions with the agent of this chat. */
export const useCanAsk = () => usePermission(useAgent().instance ? 'instance:use' : 'assistant:use');

/** Returns whether the user may stop tasks in this chat. Tasks of iAgent are always the user's own. */
export function useCanStop() {
  const { instance } = useAgent();
  return usePermission('session:stop') || instance === null;
}
