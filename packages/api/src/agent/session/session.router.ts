import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { OnEvent, onEvent } from './on-event.ts';
import { History, ListMessages, listMessages } from './session.ts';

export const sessionRouter = router({
  messages: can('session:read')
    .meta(
      rest('GET /agent/sessions/{sessionId}/messages', {
        operationId: 'listMessages',
        summary: 'List the messages of a session, starting with the latest page',
        response: History,
        errors: ['SESSION_NOT_FOUND'],
      }),
    )
    .input(ListMessages)
    .query(({ ctx, input }) => listMessages(ctx, input)),
  onEvent: can('session:read')
    .input(OnEvent)
    .subscription(({ ctx, input }) => onEvent(ctx, input)),
});
