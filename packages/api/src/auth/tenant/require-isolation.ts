import type { Core } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { InstanceHost } from '../../instance-host.ts';

type Host = Core & { local: InstanceHost };

/**
 * Requires isolation before agents of several tenants share this machine: for another tenant, and for a local instance
 * when there are other tenants. Throws NOT_ISOLATED.
 */
export async function requireIsolation({ local, db }: Host, what: 'tenant' | 'instance') {
  const isolation = await local.isolation();
  if (isolation?.method !== 'none') return;
  const tenants = await db.platform.organization.count();
  if (tenants + (what === 'tenant' ? 1 : 0) < 2) return;
  const message = `Agents are not isolated on the server's machine, so they could reach another tenant's. ${isolation.detail ?? ''}`;
  throw new AppError('NOT_ISOLATED', message.trim());
}
