import type { Database } from '@it0/db/database';
import { v7 as newId } from 'uuid';
import { noEmail } from './email.ts';
import type { Keys } from './keys.ts';
import { newToken } from './sign-in-link.ts';

/**
 * The first owner, with a tenant and an instance to begin with; made on the first start. The membership is written last:
 * a start that was killed half-way is carried on by the next.
 */
export async function ensureOwner(db: Database, keys: Keys): Promise<{ userId: string }> {
  const { platform } = db;
  const owner = await platform.member.findFirst({ where: { role: 'owner' }, orderBy: { createdAt: 'asc' } });
  if (owner) return owner;

  const organization = await platform.organization.findFirst();
  const tenantId = organization?.id ?? (await db.createTenant({ id: newId(), name: 'My organization' }));
  const { agentInstance } = db.tenant(tenantId);
  const instance =
    (await agentInstance.findFirst()) ??
    (await agentInstance.create({
      data: {
        id: newId(),
        ownerId: newId(),
        name: 'OpenClaw',
        engineType: 'openclaw',
        driver: 'local',
        bridgeSecret: keys.seal(newToken()),
      },
    }));
  const userId = instance.ownerId;
  await platform.$transaction([
    platform.user.create({ data: { id: userId, name: 'Owner', email: noEmail(userId) } }),
    platform.member.create({ data: { id: newId(), organizationId: tenantId, userId, role: 'owner' } }),
  ]);
  return { userId };
}
