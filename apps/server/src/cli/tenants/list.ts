import { toPlainLine } from '@it0/contracts/text';
import type { Database, TenantState } from '@it0/db/database';
import { toTenantSchema } from '@it0/db/sql';
import { measureTenants } from '@it0/db/tenant-sizes';

/** Prints the state of every tenant. Returns whether none is broken. */
export async function printTenants(db: Database, print: (line: string) => void): Promise<boolean> {
  const tenants = await db.tenants();
  const members = await db.platform.member.groupBy({ by: ['organizationId'], _count: true });
  const readSize = await measureTenants(
    db.pool,
    tenants.map(({ id }) => id),
  );
  for (const tenant of tenants) {
    const count = members.find(({ organizationId }) => organizationId === tenant.id)?._count ?? 0;
    print(`${tenant.problem ? '✗' : '✓'} ${toPlainLine(tenant.name)}: ${tenant.id}`);
    print(
      `    schema ${toTenantSchema(tenant.id)}, ${formatCount(count, 'member')}, ${formatBytes(readSize(tenant.id))}`,
    );
    print(`    ${formatVersion(tenant)}`);
  }
  if (tenants.length === 0) print('There are no tenants yet. The first npm start creates one.');
  return tenants.every(({ problem }) => problem === null);
}

function formatVersion({ version, pending, problem }: TenantState): string {
  if (problem) return `broken: ${problem}`;
  const outstanding =
    pending.length === 0 ? '' : `, ${formatCount(pending.length, 'migration')} pending until the next start`;
  return `version ${version ?? 'none'}${outstanding}`;
}

export const formatCount = (count: number, noun: string) =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
