import { MCP_PATH, type TaskRequest } from '@it0/contracts/bridge';
import type { Core } from '../../core.ts';
import { buildHistory, type TaskPosition } from '../task/history.ts';
import { buildSystemPrompt } from './system-prompt.ts';
import { signToolToken } from './tool-token.ts';

/** The part of a task request that only iAgent needs. */
type AssistantContext = Required<Pick<TaskRequest, 'history' | 'instructions' | 'tools'>>;

/** The task of a message to iAgent. */
type AssistantTask = TaskPosition & { ownerId: string; deadline: Date };

/**
 * Builds the context of a message to iAgent: the history, since its engine stores no sessions, its instructions, and the
 * token with which its tools read as the user.
 */
export async function buildAssistantContext(
  { db, keys }: Core,
  task: AssistantTask,
  serverUrl: string,
): Promise<AssistantContext> {
  const { tenantId, ownerId: userId, id: taskId, deadline } = task;
  const [history, instructions, token] = await Promise.all([
    buildHistory(db, task),
    buildSystemPrompt(db, tenantId, userId),
    signToolToken(keys, { tenantId, userId, taskId }, deadline),
  ]);
  return { history, instructions, tools: { url: new URL(MCP_PATH, serverUrl).href, token } };
}
