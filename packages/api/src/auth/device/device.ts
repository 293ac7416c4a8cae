import type { PersonContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';

export type Device = {
  id: string;
  /** As the browser or program calls itself. */
  userAgent: string | null;
  ip: string | null;
  signedInAt: string;
  /** The one that asks. */
  isThis: boolean;
};

/** Where the person is signed in, the latest first. */
export async function listDevices({ db, person }: PersonContext): Promise<Device[]> {
  const sessions = await db.platform.loginSession.findMany({
    where: { userId: person.id, expiresAt: { gt: new Date() } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: 100,
  });
  return sessions.map(({ id, userAgent, ipAddress, createdAt }) => ({
    id,
    userAgent,
    ip: ipAddress,
    signedInAt: createdAt.toISOString(),
    isThis: id === person.login.id,
  }));
}

/** Signs one device out: what it listens to ends within seconds. */
export async function revokeDevice({ db, auth, person }: PersonContext, id: string) {
  const session = await db.platform.loginSession.findUnique({
    where: { id, userId: person.id },
    select: { token: true },
  });
  if (!session) throw new AppError('DEVICE_NOT_FOUND', 'This device is not signed in.');
  const { internalAdapter } = await auth.$context;
  await internalAdapter.deleteSession(session.token);
}

export async function revokeOtherDevices(ctx: PersonContext) {
  await callBetterAuth(ctx.auth.api.revokeOtherSessions({ headers: buildSessionHeaders(ctx) }));
}
