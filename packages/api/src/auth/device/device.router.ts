import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { router, sessionProcedure } from '../../trpc.ts';
import { listDevices, revokeDevice, revokeOtherDevices } from './device.ts';

export const deviceRouter = router({
  list: sessionProcedure.query(({ ctx }) => listDevices(ctx)),
  revoke: sessionProcedure.input(z.object({ id: Id })).mutation(({ ctx, input }) => revokeDevice(ctx, input.id)),
  revokeOthers: sessionProcedure.mutation(({ ctx }) => revokeOtherDevices(ctx)),
});
