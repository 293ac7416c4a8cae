import { tenantSchema } from '@it0/contracts/ids';
import { toPlainLine } from '@it0/contracts/text';
import type { Database, TenantState } from '@it0/db/database';
import { measureTenants } from '@it0/db/tenant-sizes';

/** Says how every tenant stands; answers whether all do as they should. */
export async function sayTenants(db: Database, say: (line: string) => void): Promise<boolean> {
  const tenants = await db.tenants();
  const members = await db.platform.member.groupBy({ by: ['organizationId'], _count: true });
  const sizeOf = await measureTenants(
    db.pool,
    tenants.map(({ id }) => id),
  );
  for (const tenant of tenants) {
    const count = members.find(({ organizationId }) => organizationId === tenant.id)?._count ?? 0;
    say(`${tenant.trouble ? '✗' : '✓'} ${toPlainLine(tenant.name)}: ${tenant.id}`);
    say(`    schema ${tenantSchema(tenant.id)}, ${counted(count, 'member')}, ${shownBytes(sizeOf(tenant.id))}`);
    say(`    ${versionOf(tenant)}`);
  }
  if (tenants.length === 0) say('There are no tenants yet. The first npm start makes one.');
  return tenants.every(({ trouble }) => trouble === null);
}

function versionOf({ version, pending, trouble }: TenantState): string {
  if (trouble) return `broken: ${trouble}`;
  const lacks = pending.length === 0 ? '' : `, ${counted(pending.length, 'migration')} to be applied by the next start`;
  return `version ${version ?? 'none'}${lacks}`;
}

export const counted = (count: number, what: string) =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

export function shownBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
