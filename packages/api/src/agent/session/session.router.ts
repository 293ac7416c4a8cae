import { authed, router } from '../../trpc.ts';
import { OnEvent, onEvent } from './on-event.ts';
import { ListMessages, listMessages } from './session.ts';

export const sessionRouter = router({
  messages: authed.input(ListMessages).query(({ ctx, input }) => listMessages(ctx, input)),
  onEvent: authed.input(OnEvent).subscription(({ ctx, input }) => onEvent(ctx, input)),
});
