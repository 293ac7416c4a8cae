import { can, router } from '../../trpc.ts';
import { ListAssistantSessions, listAssistantSessions } from '../session/list-sessions.ts';
import { AskAssistant, createTask } from '../task/create-task.ts';
import { docs } from './assistant.rest.ts';
import { getAssistant } from './assistant.ts';

export const assistantRouter = router({
  status: can('assistant:use')
    .meta(docs.status)
    .query(({ ctx }) => getAssistant(ctx)),
  createTask: can('assistant:use')
    .meta(docs.createTask)
    .input(AskAssistant)
    .mutation(({ ctx, input }) => createTask(ctx, { ...input, instanceId: null })),
  sessions: can('session:read')
    .meta(docs.sessions)
    .input(ListAssistantSessions)
    .query(({ ctx, input }) => listAssistantSessions(ctx, input)),
});
