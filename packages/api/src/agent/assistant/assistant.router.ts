import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { ListAssistantSessions, listAssistantSessions, SessionPage } from '../session/session.ts';
import { AskAssistant, CreatedTask, createTask } from '../task/create-task.ts';
import { Assistant, getAssistant } from './assistant.ts';

export const assistantRouter = router({
  status: can('assistant:use')
    .meta(
      rest('GET /agent/assistant', {
        operationId: 'getAssistant',
        summary: 'Get the status of iAgent',
        response: Assistant,
      }),
    )
    .query(({ ctx }) => getAssistant(ctx)),
  createTask: can('assistant:use')
    .meta(
      rest('POST /agent/assistant/tasks', {
        operationId: 'askAssistant',
        summary: 'Send a message to iAgent',
        response: CreatedTask,
        description:
          'Works like `createTask`. The tools of iAgent have the rights of the caller’s role, regardless of the scopes of an API key.',
        errors: [
          ...(['ASSISTANT_NOT_RUNNING', 'SESSION_NOT_FOUND', 'TOO_MANY_REQUESTS'] as const),
          ...(['ATTACHMENT_NOT_FOUND', 'ATTACHMENT_TOO_LARGE'] as const),
        ],
      }),
    )
    .input(AskAssistant)
    .mutation(({ ctx, input }) => createTask(ctx, { ...input, instanceId: null })),
  sessions: can('session:read')
    .meta(
      rest('GET /agent/assistant/sessions', {
        operationId: 'listAssistantSessions',
        summary: 'List your own sessions with iAgent, most recently active first',
        response: SessionPage,
      }),
    )
    .input(ListAssistantSessions)
    .query(({ ctx, input }) => listAssistantSessions(ctx, input)),
});
