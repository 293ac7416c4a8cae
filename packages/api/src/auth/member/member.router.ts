import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { can, canInSession, router } from '../../trpc.ts';
import { listMembers, Member, removeMember, SetRole, setRole } from './member.ts';
import { createResetLink } from './reset-link.ts';

const MemberRef = z.object({ userId: Id });

export const memberRouter = router({
  list: can('member:read')
    .meta(
      rest('GET /auth/members', {
        operationId: 'listMembers',
        summary: 'List the members of your organization',
        response: z.array(Member),
      }),
    )
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
