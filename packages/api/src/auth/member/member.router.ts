import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, canInPerson, router } from '../../trpc.ts';
import { listMembers, removeMember, SetRole, setRole } from './member.ts';
import { createResetLink } from './reset-link.ts';

const OneMember = z.object({ userId: Id });

export const memberRouter = router({
  list: can('member:read').query(({ ctx }) => listMembers(ctx)),
  setRole: canInPerson('member:manage')
    .input(SetRole)
    .mutation(({ ctx, input }) => setRole(ctx, input)),
  remove: canInPerson('member:manage')
    .input(OneMember)
    .mutation(({ ctx, input }) => removeMember(ctx, input.userId)),
  resetLink: canInPerson('member:manage')
    .input(OneMember)
    .mutation(({ ctx, input }) => createResetLink(ctx, input.userId)),
});
