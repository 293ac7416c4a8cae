import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { docs } from './queue.rest.ts';
import { EditMessage, editMessage, MoveMessage, moveMessage, sendNow } from './queue.ts';

/** Everyone who may send messages may change their own while they wait. */
const canOwn = can('instance:use', 'assistant:use');

export const queueRouter = router({
  edit: canOwn
    .meta(docs.edit)
    .input(EditMessage)
    .mutation(({ ctx, input }) => editMessage(ctx, input)),
  move: canOwn
    .meta(docs.move)
    .input(MoveMessage)
    .mutation(({ ctx, input }) => moveMessage(ctx, input)),
  sendNow: canOwn
    .meta(docs.sendNow)
    .input(z.object({ taskId: Id }))
    .mutation(({ ctx, input }) => sendNow(ctx, input.taskId)),
});
