import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { router, signedIn } from '../../trpc.ts';
import { listDevices, revokeDevice, revokeOtherDevices } from './device.ts';

export const deviceRouter = router({
  list: signedIn.query(({ ctx }) => listDevices(ctx)),
  revoke: signedIn.input(z.object({ id: Id })).mutation(({ ctx, input }) => revokeDevice(ctx, input.id)),
  revokeOthers: signedIn.mutation(({ ctx }) => revokeOtherDevices(ctx)),
});
