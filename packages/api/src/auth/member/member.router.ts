import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, canInSession, router } from '../../trpc.ts';
import { docs } from './member.rest.ts';
import { listMembers, removeMember, SetRole, setRole } from './member.ts';
import { createResetLink } from './reset-link.ts';

const MemberRef = z.object({ userId: Id });

export const memberRouter = router({
  list: can('member:read')
    .meta(docs.list)
    .query(({ ctx }) => listMembers(ctx)),
  setRole: canInSession('member:manage')
    .input(SetRole)
    .mutation(({ ctx, input }) => setRole(ctx, input)),
  remove: canInSession('member:manage')
    .input(MemberRef)
    .mutation(({ ctx, input }) => removeMember(ctx, input.userId)),
  resetLink: canInSession('member:manage')
    .input(MemberRef)
    .mutation(({ ctx, input }) => createResetLink(ctx, input.userId)),
});
