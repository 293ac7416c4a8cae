import { z } from 'zod';
import { canInSession, publicProcedure, router, sessionProcedure } from '../../trpc.ts';
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

const InvitationRef = z.object({ id: Link });

export const invitationRouter = router({
  list: canInSession('member:manage').query(({ ctx }) => listInvitations(ctx)),
  create: canInSession('member:manage')
    .input(Invite)
    .mutation(({ ctx, input }) => invite(ctx, input)),
  cancel: canInSession('member:manage')
    .input(InvitationRef)
    .mutation(({ ctx, input }) => cancelInvitation(ctx, input.id)),
  show: publicProcedure.input(InvitationRef).query(({ ctx, input }) => showInvitation(ctx, input.id)),
  join: publicProcedure.input(Join).mutation(({ ctx, input }) => join(ctx, input)),
  accept: sessionProcedure.input(InvitationRef).mutation(({ ctx, input }) => acceptInvitation(ctx, input.id)),
});
