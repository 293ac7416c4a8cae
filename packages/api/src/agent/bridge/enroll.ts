import { randomBytes } from 'node:crypto';
import { Role } from '@it0/contracts/permissions';
import type { Enroll, EnrollResponse } from '@it0/contracts/remote-bridge';

import { z } from 'zod';
import { hasPermission } from '../../auth/member/membership.ts';
import type { Services, UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { requireOwnedInstance } from '../instance/instance.ts';
import { notifyInstances } from '../instance/notify.ts';
import { hashSecret } from './bridge-auth.ts';
import { checkCompatibility } from './compatibility.ts';

const CODE_MINUTES = 60;

export const Enrollment = z
  .object({
    code: z.string().describe('Good for one bridge.'),
    packagePath: z.string().describe('Where the bridge is, as a package for `npx`, below the server’s address.'),
    expiresAt: z.iso.datetime(),
  })
  .meta({
    id: 'Enrollment',
    description: 'Run `npx <package> --server <this server> --enroll <code>` on the machine.',
  });
export type Enrollment = z.infer<typeof Enrollment>;

/** A code that a bridge may enroll with as this instance's. Earlier ones end; a bridge that is enrolled stays so until then. */
export async function createEnrollment(ctx: UserContext, instanceId: string): Promise<Enrollment> {
  const { db, user, bridgePackage } = ctx;
  const { driver } = await requireOwnedInstance(ctx, instanceId);
  if (driver !== 'remote') throw new AppError('INVALID_INPUT', 'This instance lives on the server’s own machine.');
  if (!bridgePackage) throw new AppError('NOT_FOUND', 'This server was started without a bridge to hand out.');
  // In hex, since a code must not look like an option.
  const code = randomBytes(20).toString('hex');
  const expiresAt = new Date(Date.now() + CODE_MINUTES * 60_000);
  const bridge = { tenantId: user.tenantId, instanceId };
  const data = { codeHash: hashSecret(code), codeExpiresAt: expiresAt, codeUsedBy: null, codeMadeBy: user.id };
  await db.platform.remoteBridge.upsert({
    where: { tenantId_instanceId: bridge },
    create: { ...bridge, ...data },
    update: data,
  });
  return { code, packagePath: bridgePackage.path, expiresAt: expiresAt.toISOString() };
}

/**
 * Takes a bridge that shows a code. It brings its secret, and the same one again is answered alike: an answer that got
 * lost costs nothing. Whatever bridge the instance had before is its own no more.
 */
export async function enroll(services: Services, input: Enroll, ip: string): Promise<EnrollResponse> {
  const { db, keys } = services;
  const incompatibility = checkCompatibility(services, input);
  if (incompatibility) throw incompatibility.error;
  const { remoteBridge } = db.platform;
  const codeHash = hashSecret(input.code);
  const codeUsedBy = hashSecret(input.secret);
  const where = { codeHash, codeExpiresAt: { gt: new Date() }, OR: [{ codeUsedBy: null }, { codeUsedBy }] };
  const { count } = await remoteBridge.updateMany({ where, data: { codeUsedBy } });
  const codeRow = count > 0 ? await remoteBridge.findUnique({ where: { codeHash } }) : null;
  const instance =
    codeRow &&
    (await isIssuedByOwner(services, codeRow)) &&
    (await assignBridge(services, codeRow, { bridgeSecret: keys.seal(input.secret), ...input }));
  if (!codeRow || !instance) {
    await services.rateLimits.badCallback(ip);
    throw new AppError('BRIDGE_CODE_INVALID', 'This code is wrong, was used, or has expired. Ask for another one.');
  }
  const { tenantId, instanceId } = codeRow;
  services.log.info({ tenantId, instanceId }, 'a bridge enrolled');
  notifyInstances(services, tenantId);
  return { tenantId, instanceId, name: instance.name };
}

type BridgeDetails = { bridgeSecret: Uint8Array<ArrayBuffer> } & Pick<Enroll, 'host' | 'version' | 'server'>;

/** Returns whether the maker of the code still owns and may manage the instance. */
async function isIssuedByOwner({ db }: Services, { tenantId, instanceId, codeMadeBy }: CodeRow): Promise<boolean> {
  if (!codeMadeBy) return false;
  const member = await db.platform.member.findUnique({
    where: { organizationId_userId: { organizationId: tenantId, userId: codeMadeBy }, user: { banned: { not: true } } },
    select: { role: true },
  });
  if (!member || !hasPermission(Role.parse(member.role), 'instance:manage')) return false;
  const where = { id: instanceId, ownerId: codeMadeBy };
  return (await db.tenant(tenantId).agentInstance.findUnique({ where, select: { id: true } })) !== null;
}

type CodeRow = { tenantId: string; instanceId: string; codeMadeBy: string | null };

/** The instance whose bridge it is from now on; null when it is gone. */
async function assignBridge(
  { db }: Services,
  { tenantId, instanceId }: { tenantId: string; instanceId: string },
  { bridgeSecret, host, version, server }: BridgeDetails,
) {
  const { agentInstance } = db.tenant(tenantId);
  const where = { id: instanceId, driver: 'remote', desiredState: { not: 'REMOVED' as const } };
  const data = { bridgeSecret, bridgeHost: host, bridgeVersion: version, serverUrl: server, bridgeUrl: null };
  const { count } = await agentInstance.updateMany({ where, data });
  const deploying = { status: 'DEPLOYING', statusReason: null, statusDetail: null } as const;
  await agentInstance.updateMany({ where: { ...where, desiredState: 'RUNNING' }, data: deploying });
  return count > 0 ? agentInstance.findUnique({ where, select: { name: true } }) : null;
}
