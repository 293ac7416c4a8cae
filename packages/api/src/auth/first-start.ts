import { createToken } from '@it0/node/token';
import { v7 as newId } from 'uuid';
import type { Core } from '../core.ts';
import { placeholderEmail } from './email.ts';

/**
 * Creates the first owner, tenant and instance on the first start. Returns the existing owner later. The membership is
 * written last, so that the next start completes one that was killed halfway.
 */
export async function ensureOwner({ db, keys, refusedTenants }: Core): Promise<{ userId: string }> {
  const { platform } = db;
  const owner = await platform.member.findFirst({ where: { role: 'owner' }, orderBy: { createdAt: 'asc' } });
  if (owner) return owner;

  const organization = await platform.organization.findFirst({ where: { id: { notIn: [...refusedTenants] } } });
  const tenantId = organization?.id ?? (await db.createTenant({ id: newId(), name: 'My organization' }));
  const { agentInstance } = db.tenant(tenantId);
  const instance =
    (await agentInstance.findFirst()) ??
    (await agentInstance.create({
      data: {
        id: newId(),
        requestId: newId(),
        ownerId: newId(),
        name: 'OpenClaw',
        engineType: 'openclaw',
        driver: 'local',
        bridgeSecret: keys.seal(createToken()),
      },
    }));
  const userId = instance.ownerId;
  await platform.$transaction([
    platform.user.create({ data: { id: userId, name: 'Owner', email: placeholderEmail(userId) } }),
    platform.member.create({ data: { id: newId(), organizationId: tenantId, userId, role: 'owner' } }),
  ]);
  return { userId };
}
