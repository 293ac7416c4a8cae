import { Id } from '@it0/contracts/ids';
import { Role } from '@it0/contracts/permissions';
import { z } from 'zod';
import { transaction } from '../../agent/task/event-log.ts';
import type { MemberContext, UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { authCall, headersOf } from '../auth-call.ts';
import { shownEmail } from '../email.ts';

export const Member = z
  .object({
    userId: Id,
    name: z.string(),
    email: z.string().nullable().describe('Null for somebody who signs in by links alone.'),
    role: Role,
    joinedAt: z.iso.datetime(),
    isYou: z.boolean(),
  })
  .meta({ id: 'Member', description: 'Somebody of the tenant.' });
export type Member = z.infer<typeof Member>;

/** Everybody of the tenant, by name. */
export async function listMembers({ db, user }: UserContext): Promise<Member[]> {
  const members = await db.platform.member.findMany({
    where: { organizationId: user.tenantId },
    select: { userId: true, role: true, createdAt: true, user: { select: { name: true, email: true } } },
    orderBy: [{ user: { name: 'asc' } }, { id: 'asc' }],
  });
  return members.map(({ userId, role, createdAt, user: { name, email } }) => ({
    userId,
    name,
    email: shownEmail(email),
    role: Role.parse(role),
    joinedAt: createdAt.toISOString(),
    isYou: userId === user.id,
  }));
}

export const SetRole = z.object({ userId: Id, role: Role });

/** Owners are made and unmade by owners alone, and one always stays. */
export async function setRole(ctx: MemberContext, { userId, role }: z.infer<typeof SetRole>) {
  if (role === 'owner') requireOwner(ctx);
  await oneAtATime(ctx, async () => {
    const member = await requireMember(ctx, userId);
    if (member.role === 'owner' && role !== 'owner') await requireAnotherOwner(ctx, userId);
    const body = { memberId: member.id, role, organizationId: ctx.user.tenantId };
    await authCall(ctx.auth.api.updateMemberRole({ body, headers: headersOf(ctx) }));
  });
  ctx.log.info({ tenantId: ctx.user.tenantId, userId, by: ctx.user.id, role }, 'a member has another role');
}

/**
 * Ends somebody's membership, with all they had by it: keys, and what was shared with them. Their instances go to who
 * removes them, since an agent needs somebody to answer to.
 */
export async function removeMember(ctx: MemberContext, userId: string) {
  const { user } = ctx;
  if (userId === user.id) return leave(ctx);
  await oneAtATime(ctx, async () => {
    const member = await requireMember(ctx, userId);
    if (member.role === 'owner') await requireAnotherOwner(ctx, userId);
    await handBack(ctx, userId, user.id);
    const body = { memberIdOrEmail: member.id, organizationId: user.tenantId };
    await authCall(ctx.auth.api.removeMember({ body, headers: headersOf(ctx) }));
  });
  ctx.log.info({ tenantId: user.tenantId, userId, by: user.id }, 'a member was removed');
}

/** Leaves the tenant. Whoever owns instances leaves them to an owner. */
export async function leave(ctx: MemberContext) {
  const { user } = ctx;
  await oneAtATime(ctx, async () => {
    if (user.role === 'owner') await requireAnotherOwner(ctx, user.id);
    await handBack(ctx, user.id, await findHeir(ctx));
    const body = { organizationId: user.tenantId };
    await authCall(ctx.auth.api.leaveOrganization({ body, headers: headersOf(ctx) }));
  });
}

/** What somebody has by being a member. It goes first: were it left to the end, a killed server could leave it behind. */
async function handBack({ db, user }: MemberContext, userId: string, heir: string) {
  const tenant = db.tenant(user.tenantId);
  await db.platform.apiKey.deleteMany({ where: { referenceId: userId, tenantId: user.tenantId } });
  await tenant.instanceShare.deleteMany({ where: { userId } });
  await tenant.agentInstance.updateMany({ where: { ownerId: userId }, data: { ownerId: heir } });
}

/** Of two owners who unmake each other at once, the later one finds what the first has done. */
const oneAtATime = <T>({ db, user }: UserContext, work: () => Promise<T>): Promise<T> =>
  transaction(db.pool, async (client) => {
    await client.query('SELECT FROM public."Organization" WHERE "id" = $1 FOR NO KEY UPDATE', [user.tenantId]);
    return work();
  });

async function requireMember({ db, user, person }: MemberContext, userId: string) {
  const member = await db.platform.member.findUnique({
    where: { organizationId_userId: { organizationId: user.tenantId, userId } },
    select: { id: true, role: true },
  });
  if (!member) throw new AppError('MEMBER_NOT_FOUND', 'This person is no member.');
  if (member.role === 'owner' && user.role !== 'owner' && person.id !== userId) {
    throw new AppError('FORBIDDEN', 'Only an owner can do this to an owner.');
  }
  return member;
}

function requireOwner({ user }: UserContext) {
  if (user.role !== 'owner') throw new AppError('FORBIDDEN', 'Only an owner can make owners.');
}

async function requireAnotherOwner({ db, user }: UserContext, userId: string) {
  const owner = { organizationId: user.tenantId, role: 'owner', userId: { not: userId } };
  if (!(await db.platform.member.findFirst({ where: owner, select: { id: true } }))) {
    throw new AppError('LAST_OWNER', 'An organisation needs an owner. Make somebody else one first.');
  }
}

/** Who takes over from somebody who leaves: the owner of the longest standing. */
async function findHeir({ db, user }: UserContext): Promise<string> {
  const { userId } = await db.platform.member.findFirstOrThrow({
    where: { organizationId: user.tenantId, role: 'owner', userId: { not: user.id } },
    orderBy: { createdAt: 'asc' },
    select: { userId: true },
  });
  return userId;
}
