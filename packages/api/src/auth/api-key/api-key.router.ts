import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { canInSession, router } from '../../trpc.ts';
import { CreateApiKey, createApiKey, listApiKeys, removeApiKey } from './api-key.ts';

export const apiKeyRouter = router({
  list: canInSession('apikey:manage').query(({ ctx }) => listApiKeys(ctx)),
  create: canInSession('apikey:manage')
    .input(CreateApiKey)
    .mutation(({ ctx, input }) => createApiKey(ctx, input)),
  remove: canInSession('apikey:manage')
    .input(z.object({ id: Id }))
    .mutation(({ ctx, input }) => removeApiKey(ctx, input.id)),
});
