import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { ListAssistantSessions, listAssistantSessions, SessionPage } from '../session/session.ts';
import { AskAssistant, CreatedTask, createTask } from '../task/create-task.ts';
import { Assistant, getAssistant } from './assistant.ts';

export const assistantRouter = router({
  status: can('assistant:use')
    .meta(rest('GET /agent/assistant', { operationId: 'getAssistant', summary: 'How iAgent is', response: Assistant }))
    .query(({ ctx }) => getAssistant(ctx)),
  createTask: can('assistant:use')
    .meta(
      rest('POST /agent/assistant/tasks', {
        operationId: 'askAssistant',
        summary: 'Send a message to iAgent',
        response: CreatedTask,
        description:
          'As for an instance. What iAgent looks up, it looks up as its asker’s role allows, whatever an API key’s scopes are.',
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
        summary: 'Your own conversations with iAgent, the latest first',
        response: SessionPage,
      }),
    )
    .input(ListAssistantSessions)
    .query(({ ctx, input }) => listAssistantSessions(ctx, input)),
});
