import { randomBytes } from 'node:crypto';
import { Role } from '@it0/contracts/permissions';
import type { Enroll, EnrollResponse } from '@it0/contracts/remote-bridge';
import { hashToken } from '@it0/node/token';
import { z } from 'zod';
import { hasPermission } from '../../auth/member/membership.ts';
import type { Core } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext, AgentServices } from '../agent-services.ts';
import { requireOwnedInstance } from '../instance/instance.ts';
import { NO_ADDRESS } from '../instance/instance-records.ts';
import { notifyInstances } from '../instance/notify.ts';
import { checkCompatibility } from './compatibility.ts';

const CODE_MINUTES = 60;

/** A code for the enrollment of a bridge, and where the bridge is. */
export const Enrollment = z
  .object({
    code: z.string().describe('A code for a single bridge.'),
    packagePath: z.string().describe('Path of the bridge’s package for `npx`, relative to the address of the server.'),
    expiresAt: z.iso.datetime(),
  })
  .meta({
    id: 'Enrollment',
    description: 'Run `npx <package> --server <this server> --enroll <code>` on the machine of the agent.',
  });
export type Enrollment = z.infer<typeof Enrollment>;

/**
 * Creates the code with which a bridge enrolls for a remote instance. Earlier codes become invalid. An enrolled bridge
 * stays enrolled until another one uses the code. Throws INSTANCE_NOT_FOUND, and INVALID_INPUT for a local instance.
 */
export async function createEnrollment(ctx: AgentContext, instanceId: string): Promise<Enrollment> {
  const { db, user, bridgePackage } = ctx;
  const { driver } = await requireOwnedInstance(ctx, instanceId);
  if (driver !== 'remote')
    throw new AppError(
      'INVALID_INPUT',
      'Only a remote instance can be enrolled. This one runs on the server’s machine.',
    );
  if (!bridgePackage) throw new AppError('NOT_FOUND', 'This server does not offer the bridge’s package.');
  // In hex, since a code must not look like an option.
  const code = randomBytes(20).toString('hex');
  const expiresAt = new Date(Date.now() + CODE_MINUTES * 60_000);
  const bridge = { tenantId: user.tenantId, instanceId };
  const data = { codeHash: hashToken(code), codeExpiresAt: expiresAt, codeUsedBy: null, codeMadeBy: user.id };
  await db.platform.remoteBridge.upsert({
    where: { tenantId_instanceId: bridge },
    create: { ...bridge, ...data },
    update: data,
  });
  return { code, packagePath: bridgePackage.path, expiresAt: expiresAt.toISOString() };
}

/**
 * Enrolls a bridge by its code, and replaces the previous bridge of the instance. Idempotent: a bridge that did not get
 * the response can repeat the request with the same secret. Throws BRIDGE_CODE_INVALID, BRIDGE_OUTDATED,
 * BRIDGE_ADDRESS_REFUSED or TOO_MANY_REQUESTS.
 */
export async function enroll(services: AgentServices, input: Enroll, ip: string): Promise<EnrollResponse> {
  const { db, keys } = services;
  const incompatibility = checkCompatibility(services, input);
  if (incompatibility) throw incompatibility.error;
  const { remoteBridge } = db.platform;
  const codeHash = hashToken(input.code);
  const codeUsedBy = hashToken(input.secret);
  const where = { codeHash, codeExpiresAt: { gt: new Date() }, OR: [{ codeUsedBy: null }, { codeUsedBy }] };
  const { count } = await remoteBridge.updateMany({ where, data: { codeUsedBy } });
  const codeRow = count > 0 ? await remoteBridge.findUnique({ where: { codeHash } }) : null;
  const instance =
    codeRow &&
    (await isIssuedByOwner(services, codeRow)) &&
    (await assignBridge(services, codeRow, { bridgeSecret: keys.seal(input.secret), ...input }));
  if (!codeRow || !instance) {
    await services.rateLimits.badCallback(ip);
    throw new AppError('BRIDGE_CODE_INVALID', 'This code is invalid, has been used or has expired. Create a new one.');
  }
  const { tenantId, instanceId } = codeRow;
  services.log.info({ tenantId, instanceId }, 'a bridge enrolled');
  notifyInstances(services, tenantId);
  return { tenantId, instanceId, name: instance.name };
}

type BridgeDetails = { bridgeSecret: Uint8Array<ArrayBuffer> } & Pick<Enroll, 'host' | 'version' | 'server'>;

/** Returns whether the user who created the code still owns the instance and may manage it. */
async function isIssuedByOwner({ db }: Core, { tenantId, instanceId, codeMadeBy }: CodeRow): Promise<boolean> {
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

/** Makes the bridge that of the instance. Returns null when the instance was removed. */
async function assignBridge(
  { db }: Core,
  { tenantId, instanceId }: { tenantId: string; instanceId: string },
  { bridgeSecret, host, version, server }: BridgeDetails,
) {
  const { agentInstance } = db.tenant(tenantId);
  const where = { id: instanceId, driver: 'remote', desiredState: { not: 'REMOVED' } } as const;
  const data = { ...NO_ADDRESS, bridgeSecret, bridgeHost: host, bridgeVersion: version, serverUrl: server };
  const { count } = await agentInstance.updateMany({ where, data });
  const deploying = { status: 'DEPLOYING', statusReason: null, statusDetail: null } as const;
  await agentInstance.updateMany({ where: { ...where, desiredState: 'RUNNING' }, data: deploying });
  return count > 0 ? agentInstance.findUnique({ where, select: { name: true } }) : null;
}
