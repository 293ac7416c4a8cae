import { Role } from '@it0/contracts/permissions';
import type { Queryable } from '@it0/db/queryable';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { createAccount } from '../account/create-account.ts';
import type { MemberContext, PersonContext, PublicContext } from '../auth-services.ts';
import { invitationInvalid } from '../call-better-auth.ts';
import { Email, PersonName } from '../email.ts';
import { issueLogin, requireCookieSupport, type SignedIn, startLogin, TokenTransport } from '../login.ts';
import { addMember, withMemberLock, withMemberLockAsManager } from '../member/membership.ts';
import { Password } from '../password.ts';
import { formatLink, Link, readLink } from './link.ts';
import { canInvite, findInvitation, type ValidInvitation } from './valid-invitation.ts';

/** A pending invitation, as managers of the tenant see it. */
export type Invitation = {
  /** Last segment of the link. It lets the invited address join. */
  id: string;
  email: string;
  role: Role;
  inviterName: string;
  expiresAt: string;
};

/** Lists the pending invitations, newest first. */
export async function listInvitations({ db, keys, user }: MemberContext): Promise<Invitation[]> {
  const invitations = await db.platform.invitation.findMany({
    where: { organizationId: user.tenantId, status: 'pending', expiresAt: { gt: new Date() } },
    include: { user: { select: { name: true } } },
    orderBy: { createdAt: 'desc' },
  });
  return invitations.map(({ id, email, role, expiresAt, user: { name } }) => ({
    ...{ id: formatLink(keys, id), email, inviterName: name },
    role: Role.parse(role),
    expiresAt: expiresAt.toISOString(),
  }));
}

export const Invite = z.object({ email: Email, role: Role });

const INVITATION_DAYS = 7;
/** Maximum number of pending invitations per tenant. */
const MAX_PENDING = 1_000;

const IS_MEMBER = `
  SELECT FROM public."Member" m JOIN public."User" u ON u."id" = m."userId"
  WHERE m."organizationId" = $1 AND (u."email" = $2 OR u."claimedEmail" = $2)`;
const CANCEL = `
  UPDATE public."Invitation" SET "status" = 'canceled'
  WHERE "organizationId" = $1 AND "status" = 'pending' AND ("email" = $2 OR "expiresAt" < now())`;
const COUNT = `
  SELECT count(*)::int AS "count" FROM public."Invitation" WHERE "organizationId" = $1 AND "status" = 'pending'`;
const CREATE = `
  INSERT INTO public."Invitation" ("organizationId", "email", "role", "inviterId", "expiresAt")
  VALUES ($1, $2, $3, $4, now() + $5 * interval '1 day') RETURNING "id", "expiresAt"`;

/**
 * Invites an address, and sends a mail when mail is configured. Cancels an earlier invitation of the address. Throws
 * ALREADY_MEMBER, or FORBIDDEN for a role that the caller may not assign.
 */
export async function invite(ctx: MemberContext, { email, role }: z.infer<typeof Invite>): Promise<Invitation> {
  const { user } = ctx;
  const { tenantId } = user;
  const created = await withMemberLockAsManager(ctx, async (client, callerRole) => {
    if (!canInvite(callerRole, role)) throw new AppError('FORBIDDEN', 'Only an owner can assign the owner role.');
    await requireNoMember(client, tenantId, email);
    await client.query(CANCEL, [tenantId, email]);
    const { rows } = await client.query<{ count: number }>(COUNT, [tenantId]);
    if (rows[0]!.count >= MAX_PENDING)
      throw new AppError('FORBIDDEN', 'Too many invitations are pending. Cancel some first.');
    const inserted = await client.query<{ id: string; expiresAt: Date }>(CREATE, [
      ...[tenantId, email, role, user.id, INVITATION_DAYS],
    ]);
    return inserted.rows[0]!;
  });
  const id = formatLink(ctx.keys, created.id);
  ctx.sendMail?.({ kind: 'invitation', to: email, tenantName: user.tenantName, inviterName: user.name, id });
  ctx.log.info({ tenantId, by: user.id, role }, 'member invited');
  return { id, email, role, inviterName: user.name, expiresAt: created.expiresAt.toISOString() };
}

/** Requires that no member has the address, since addresses identify people within an organization. */
async function requireNoMember(client: Queryable, tenantId: string, email: string) {
  const { rowCount } = await client.query(IS_MEMBER, [tenantId, email]);
  if (rowCount) throw new AppError('ALREADY_MEMBER', 'This person is already a member.');
}

/** Cancels a pending invitation of this tenant. Throws INVITATION_INVALID. */
export async function cancelInvitation(ctx: MemberContext, link: string) {
  const { count } = await ctx.db.platform.invitation.updateMany({
    where: { id: parseLink(ctx, link), organizationId: ctx.user.tenantId, status: 'pending' },
    data: { status: 'canceled' },
  });
  if (count === 0) throw invitationInvalid();
}

/** Public part of an invitation. */
export type InvitationInfo = { email: string; role: Role; tenantName: string; inviterName: string };

/** Returns the public part of an invitation. It does not reveal whether the address has an account. */
export async function showInvitation(ctx: PublicContext, link: string): Promise<InvitationInfo> {
  await ctx.rateLimits.signUp(ctx.caller);
  const { email, role, tenantName, inviterName } = await requireInvitation(ctx, ctx.db.pool, link);
  return { email, role, tenantName, inviterName };
}

export const Join = z.object({ id: Link, name: PersonName, password: Password, by: TokenTransport });

/** Creates an account for the invited address, joins and signs in. Throws INVITATION_INVALID. */
export async function join(ctx: PublicContext, input: z.infer<typeof Join>): Promise<SignedIn> {
  const { name, password, by } = input;
  await ctx.rateLimits.signUp(ctx.caller);
  requireCookieSupport(ctx, by);
  const { email } = await requireInvitation(ctx, ctx.db.pool, input.id);
  const passwordHash = await (await ctx.auth.$context).password.hash(password);
  const userId = await accept(ctx, input.id, (client) => createAccount(client, { email, name, passwordHash }));
  return issueLogin(ctx, await startLogin(ctx, userId), by);
}

/** Joins with the signed-in account. Throws INVITATION_INVALID when the invitation is for another address. */
export async function acceptInvitation(ctx: PersonContext, link: string) {
  const { person, db } = ctx;
  const { tenantId } = await requireInvitation(ctx, db.pool, link);
  await accept(ctx, link, async (_, { email }) => {
    if (email !== person.email) throw invitationInvalid();
    return person.id;
  });
  // The new tenant becomes the active one.
  const data = { activeOrganizationId: tenantId };
  await db.platform.loginSession.updateMany({ where: { id: person.login.id }, data });
}

/** Accepts an invitation for the account that `resolveUser` returns. A concurrent second call is refused. */
async function accept(
  ctx: PublicContext,
  link: string,
  resolveUser: (client: Queryable, invitation: ValidInvitation) => Promise<string>,
): Promise<string> {
  const { tenantId } = await requireInvitation(ctx, ctx.db.pool, link);
  return withMemberLock(ctx.db, tenantId, async (client) => {
    const invitation = await requireInvitation(ctx, client, link);
    await requireNoMember(client, tenantId, invitation.email);
    const userId = await resolveUser(client, invitation);
    await addMember(client, { tenantId, userId, role: invitation.role });
    await client.query(`UPDATE public."Invitation" SET "status" = 'accepted' WHERE "id" = $1`, [invitation.id]);
    return userId;
  });
}

async function requireInvitation(ctx: PublicContext, db: Queryable, link: string): Promise<ValidInvitation> {
  const invitation = await findInvitation(db, parseLink(ctx, link));
  if (!invitation) throw invitationInvalid();
  return invitation;
}

function parseLink({ keys }: PublicContext, link: string): string {
  const id = readLink(keys, link);
  if (!id) throw invitationInvalid();
  return id;
}
