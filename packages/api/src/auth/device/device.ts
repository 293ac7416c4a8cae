import { AppError } from '../../errors.ts';
import type { PersonContext } from '../auth-services.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';

/** A device on which the person is signed in. */
export type Device = {
  id: string;
  /** User agent of the browser or program. */
  userAgent: string | null;
  ip: string | null;
  signedInAt: string;
  /** Whether it is the device of this request. */
  isThis: boolean;
};

/** Lists the devices on which the person is signed in, newest first. */
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

/** Signs a device out. Its streams end within seconds. Throws DEVICE_NOT_FOUND. */
export async function revokeDevice({ db, auth, person }: PersonContext, id: string) {
  const session = await db.platform.loginSession.findUnique({
    where: { id, userId: person.id },
    select: { token: true },
  });
  if (!session) throw new AppError('DEVICE_NOT_FOUND', 'This device is not signed in.');
  const { internalAdapter } = await auth.$context;
  await internalAdapter.deleteSession(session.token);
}

/** Signs out all devices except the one of this request. */
export async function revokeOtherDevices(ctx: PersonContext) {
  await callBetterAuth(ctx.auth.api.revokeOtherSessions({ headers: buildSessionHeaders(ctx) }));
}
