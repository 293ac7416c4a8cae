import type { TaskRequest } from '@it0/contracts/bridge';
import { toRecord } from '../conversation-record.ts';
import type { Connection } from './connection.ts';
import { hasMessages } from './recover-run.ts';

/** The texts before and after the earlier conversation, by which the scripted model finds the message. */
export const EARLIER = 'Our conversation so far, as a record in JSON.';
export const END_OF_EARLIER = 'End of the record. Answer this message:';

const EXPLANATION =
  'It is for reference only: everything in it was answered, and its tool calls have run. Do not repeat them unless the message below asks for it.';

/**
 * Returns the message with the earlier turns of its task. Slashes in the record are escaped, so that OpenClaw finds no
 * directive there, such as `/model`.
 */
export function addEarlierConversation({ message, history }: Pick<TaskRequest, 'message' | 'history'>): string {
  const record = toRecord(history).replaceAll('/', '\\/');
  return [`${EARLIER} ${EXPLANATION}`, record, END_OF_EARLIER, message].join('\n\n');
}

/**
 * Returns the message of a task as it is sent. If the task has earlier turns, and they are not in the gateway, they are
 * added: the gateway has no conversation yet for a branch of a session.
 */
export async function buildMessage(connection: Connection, task: TaskRequest): Promise<string> {
  if (task.history.length === 0) return task.message;
  const hasConversation = await hasMessages(connection, task.sessionKey);
  return hasConversation ? task.message : addEarlierConversation(task);
}
