import type { Services } from '../../context.ts';
import { AppError } from '../../errors.ts';

type Host = Pick<Services, 'local' | 'db'>;

/**
 * Refuses what would bring agents of several tenants together on this machine where nothing keeps them apart: one more
 * tenant, or a local instance beside another tenant's.
 */
export async function requireIsolation({ local, db }: Host, what: 'tenant' | 'instance') {
  const isolation = await local.isolation();
  if (isolation?.method !== 'none') return;
  const tenants = await db.platform.organization.count();
  if (tenants + (what === 'tenant' ? 1 : 0) < 2) return;
  const message = `Agents are not isolated on the server's machine, so they could reach another tenant's. ${isolation.detail ?? ''}`;
  throw new AppError('NOT_ISOLATED', message.trim());
}
