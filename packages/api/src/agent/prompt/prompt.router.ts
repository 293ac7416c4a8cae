import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { docs } from './prompt.rest.ts';
import { CreatePrompt, createPrompt, listPrompts, removePrompt, UpdatePrompt, updatePrompt } from './prompt.ts';

/** Everyone who may send messages may save prompts. */
const canOwn = can('instance:use', 'assistant:use');

export const promptRouter = router({
  list: canOwn.meta(docs.list).query(({ ctx }) => listPrompts(ctx)),
  create: canOwn
    .meta(docs.create)
    .input(CreatePrompt)
    .mutation(({ ctx, input }) => createPrompt(ctx, input)),
  update: canOwn
    .meta(docs.update)
    .input(UpdatePrompt)
    .mutation(({ ctx, input }) => updatePrompt(ctx, input)),
  remove: canOwn
    .meta(docs.remove)
    .input(z.object({ promptId: Id }))
    .mutation(({ ctx, input }) => removePrompt(ctx, input.promptId)),
});
