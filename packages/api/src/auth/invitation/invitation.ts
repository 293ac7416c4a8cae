import { Role } from '@it0/contracts/permissions';
import { z } from 'zod';
import type { MemberContext, OpenContext, PersonContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { authCall, headersOf, invitationInvalid } from '../auth-call.ts';
import { Email, PersonName } from '../email.ts';
import { beginLogin, HoldBy, handOver, type SignedIn } from '../login.ts';
import { Password } from '../password.ts';
import { Link, linkOf, readLink } from './link.ts';
import { pendingInvitation } from './pending.ts';

export type Invitation = {
  /** What its link ends with. Whoever has it and the address may join. */
  id: string;
  email: string;
  role: Role;
  inviterName: string;
  expiresAt: string;
};

/** Those that wait to be accepted, the latest first. */
export async function listInvitations({ db, keys, user }: MemberContext): Promise<Invitation[]> {
  const invitations = await db.platform.invitation.findMany({
    where: { organizationId: user.tenantId, ...pendingInvitation() },
    include: { user: { select: { name: true } } },
    orderBy: { createdAt: 'desc' },
  });
  return invitations.map(({ id, email, role, expiresAt, user: { name } }) => ({
    ...{ id: linkOf(keys, id), email, inviterName: name },
    role: Role.parse(role),
    expiresAt: expiresAt.toISOString(),
  }));
}

export const Invite = z.object({ email: Email, role: Role });

/** Invites an address, which a mail is sent to where that is set up. An earlier invitation of it ends. */
export async function invite(ctx: MemberContext, { email, role }: z.infer<typeof Invite>): Promise<Invitation> {
  const { user } = ctx;
  if (role === 'owner' && user.role !== 'owner') throw new AppError('FORBIDDEN', 'Only an owner can make owners.');
  const body = { email, role, organizationId: user.tenantId };
  const made = await authCall(ctx.auth.api.createInvitation({ body, headers: headersOf(ctx) }));
  const id = linkOf(ctx.keys, made.id);
  ctx.sendMail?.({ kind: 'invitation', to: email, tenantName: user.tenantName, inviterName: user.name, id });
  ctx.log.info({ tenantId: user.tenantId, by: user.id, role }, 'somebody was invited');
  return { id, email, role, inviterName: user.name, expiresAt: new Date(made.expiresAt).toISOString() };
}

export async function cancelInvitation(ctx: MemberContext, link: string) {
  const id = idOf(ctx, link);
  const found = await ctx.db.platform.invitation.findUnique({
    where: { id, organizationId: ctx.user.tenantId, status: 'pending' },
    select: { id: true },
  });
  if (!found) throw new AppError(...invitationInvalid);
  await authCall(ctx.auth.api.cancelInvitation({ body: { invitationId: id }, headers: headersOf(ctx) }));
}

export type InvitationShown = {
  email: string;
  role: Role;
  tenantName: string;
  inviterName: string;
  /** Whether somebody signs in with that address already: they accept it signed in. */
  hasAccount: boolean;
};

/** What whoever has the link sees of it. */
export async function showInvitation(ctx: OpenContext, link: string): Promise<InvitationShown> {
  await ctx.rateLimits.signUp(ctx.caller);
  const { email, role, organization, user } = await requireInvitation(ctx, link);
  const holder = await ctx.db.platform.user.findUnique({ where: { email }, select: { id: true } });
  return {
    ...{ email, hasAccount: holder !== null },
    role: Role.parse(role),
    tenantName: organization.name,
    inviterName: user.name,
  };
}

export const Join = z.object({ id: Link, name: PersonName, password: Password, by: HoldBy });

/** Makes an account for the invited address, joins and signs in. */
export async function join(ctx: OpenContext, input: z.infer<typeof Join>): Promise<SignedIn> {
  const { name, password, by } = input;
  await ctx.rateLimits.signUp(ctx.caller);
  const { id, email } = await requireInvitation(ctx, input.id);
  const { user } = await authCall(ctx.auth.api.createUser({ body: { email, name, password } }));
  const token = await beginLogin(ctx, user.id);
  const headers = headersOf({ ...ctx, person: { login: { token } } });
  await authCall(ctx.auth.api.acceptInvitation({ body: { invitationId: id }, headers }));
  return handOver(ctx, token, by);
}

/** Joins as who is signed in: the invitation must be for that address. */
export async function acceptInvitation(ctx: PersonContext, link: string) {
  const { id } = await requireInvitation(ctx, link);
  await authCall(ctx.auth.api.acceptInvitation({ body: { invitationId: id }, headers: headersOf(ctx) }));
}

async function requireInvitation(ctx: OpenContext, link: string) {
  const invitation = await ctx.db.platform.invitation.findUnique({
    where: { id: idOf(ctx, link), ...pendingInvitation() },
    select: {
      ...{ id: true, email: true, role: true, organizationId: true },
      organization: { select: { name: true } },
      user: { select: { name: true } },
    },
  });
  if (!invitation) throw new AppError(...invitationInvalid);
  return invitation;
}

function idOf({ keys }: OpenContext, link: string): string {
  const id = readLink(keys, link);
  if (!id) throw new AppError(...invitationInvalid);
  return id;
}
