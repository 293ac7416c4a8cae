import { can, router } from '../../trpc.ts';
import { ListMessages, listMessages } from './messages.ts';
import { OnEvent, onEvent } from './on-event.ts';
import { docs } from './session.rest.ts';

export const sessionRouter = router({
  messages: can('session:read')
    .meta(docs.messages)
    .input(ListMessages)
    .query(({ ctx, input }) => listMessages(ctx, input)),
  onEvent: can('session:read')
    .input(OnEvent)
    .subscription(({ ctx, input }) => onEvent(ctx, input)),
});
