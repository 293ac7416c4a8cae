import { mcpPath, type TaskRequest } from '@it0/contracts/bridge';
import type { Services } from '../../context.ts';
import type { Task } from '../dispatch/reconcile-task.ts';
import { earlierTurns } from './history.ts';
import { instructionsFor } from './system-prompt.ts';
import { signToolToken } from './tool-token.ts';

type Brief = Required<Pick<TaskRequest, 'history' | 'instructions' | 'tools'>>;

/** What iAgent is given beside the message: it keeps nothing itself, and looks things up as the person who asks. */
export async function brief({ db, keys }: Services, task: Task, serverUrl: string): Promise<Brief> {
  const { tenantId, ownerId: userId, sessionId, id: taskId, deadline } = task;
  const [history, instructions, token] = await Promise.all([
    earlierTurns(db, { tenantId, sessionId, taskId }),
    instructionsFor(db, tenantId, userId),
    signToolToken(keys, { tenantId, userId, taskId }, deadline),
  ]);
  return { history, instructions, tools: { url: new URL(mcpPath, serverUrl).href, token } };
}
