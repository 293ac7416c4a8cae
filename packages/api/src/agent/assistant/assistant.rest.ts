import { rest } from '../../rest/rest.ts';
import { SessionPage } from '../session/list-sessions.ts';
import { CreatedTask } from '../task/create-task.ts';
import { Assistant } from './assistant.ts';

/** REST operations of the assistant procedures. */
export const docs = {
  status: rest('GET /agent/assistant', {
    operationId: 'getAssistant',
    summary: 'Get the status of iAgent',
    response: Assistant,
  }),
  createTask: rest('POST /agent/assistant/tasks', {
    operationId: 'askAssistant',
    summary: 'Send a message to iAgent',
    response: CreatedTask,
    description:
      'Works like `createTask`. The tools of iAgent have the rights of the caller’s role, regardless of the scopes of an API key.',
    errors: [
      ...(['ASSISTANT_NOT_RUNNING', 'SESSION_NOT_FOUND', 'TOO_MANY_REQUESTS'] as const),
      ...(['TASK_NOT_FOUND', 'ATTACHMENT_NOT_FOUND', 'ATTACHMENT_TOO_LARGE'] as const),
    ],
  }),
  sessions: rest('GET /agent/assistant/sessions', {
    operationId: 'listAssistantSessions',
    summary: 'List your own sessions with iAgent, most recently active first',
    response: SessionPage,
  }),
};
