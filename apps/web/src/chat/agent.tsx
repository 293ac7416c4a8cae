import type { Assistant, Instance } from '@it0/client/chat-source';
import { createContext, useContext } from 'react';
import { usePermission } from '../sign-in/use-me.ts';

/** Whom a chat is with: an instance, or without one iAgent. */
export type Agent = Pick<Instance, 'status' | 'scripted' | 'modelName'> & { name: string; instance: Instance | null };

export const instanceAgent = (instance: Instance): Agent => ({ ...instance, instance });
export const assistantAgent = (assistant: Assistant): Agent => ({ ...assistant, name: 'iAgent', instance: null });

const Scope = createContext<Agent | null>(null);
export const AgentScope = Scope.Provider;

export function useAgent() {
  const agent = useContext(Scope);
  if (!agent) throw new Error('A chat needs an AgentScope above it');
  return agent;
}

/** Whether the person may begin sessions with the agent of this chat. */
export const useCanAsk = () => usePermission(useAgent().instance ? 'instance:use' : 'assistant:use');

/** Whether the person may stop what runs here: what one asked iAgent is one's own. */
export function useCanStop() {
  const { instance } = useAgent();
  return usePermission('session:stop') || instance === null;
}
