import { MCP_PATH, type TaskRequest } from '@it0/contracts/bridge';
import type { Services } from '../../context.ts';
import type { Task } from '../dispatch/reconcile-task.ts';
import { buildHistory } from './history.ts';
import { buildSystemPrompt } from './system-prompt.ts';
import { signToolToken } from './tool-token.ts';

type AssistantContext = Required<Pick<TaskRequest, 'history' | 'instructions' | 'tools'>>;

/** What iAgent is given beside the message: it keeps nothing itself, and looks things up as the person who asks. */
export async function buildAssistantContext(
  { db, keys }: Services,
  task: Task,
  serverUrl: string,
): Promise<AssistantContext> {
  const { tenantId, ownerId: userId, sessionId, id: taskId, deadline } = task;
  const [history, instructions, token] = await Promise.all([
    buildHistory(db, { tenantId, sessionId, taskId }),
    buildSystemPrompt(db, tenantId, userId),
    signToolToken(keys, { tenantId, userId, taskId }, deadline),
  ]);
  return { history, instructions, tools: { url: new URL(MCP_PATH, serverUrl).href, token } };
}
