import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { canInPerson, router } from '../../trpc.ts';
import { CreateApiKey, createApiKey, listApiKeys, removeApiKey } from './api-key.ts';

export const apiKeyRouter = router({
  list: canInPerson('apikey:manage').query(({ ctx }) => listApiKeys(ctx)),
  create: canInPerson('apikey:manage')
    .input(CreateApiKey)
    .mutation(({ ctx, input }) => createApiKey(ctx, input)),
  remove: canInPerson('apikey:manage')
    .input(z.object({ id: Id }))
    .mutation(({ ctx, input }) => removeApiKey(ctx, input.id)),
});
