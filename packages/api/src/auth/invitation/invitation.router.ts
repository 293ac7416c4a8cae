import { z } from 'zod';
import { canInPerson, open, router, signedIn } from '../../trpc.ts';
import {
  acceptInvitation,
  cancelInvitation,
  Invite,
  invite,
  Join,
  join,
  listInvitations,
  showInvitation,
} from './invitation.ts';
import { Link } from './link.ts';

const OneInvitation = z.object({ id: Link });

export const invitationRouter = router({
  list: canInPerson('member:manage').query(({ ctx }) => listInvitations(ctx)),
  create: canInPerson('member:manage')
    .input(Invite)
    .mutation(({ ctx, input }) => invite(ctx, input)),
  cancel: canInPerson('member:manage')
    .input(OneInvitation)
    .mutation(({ ctx, input }) => cancelInvitation(ctx, input.id)),
  show: open.input(OneInvitation).query(({ ctx, input }) => showInvitation(ctx, input.id)),
  join: open.input(Join).mutation(({ ctx, input }) => join(ctx, input)),
  accept: signedIn.input(OneInvitation).mutation(({ ctx, input }) => acceptInvitation(ctx, input.id)),
});
